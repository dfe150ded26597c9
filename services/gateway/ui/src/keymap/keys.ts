import type { Key } from "../i18n/index.svelte";

export type Action =
  | "play" | "back" | "on" | "back-10" | "on-10" | "previous-labeled" | "next-labeled" | "goto" | "first" | "last"
  | "previous-key" | "next-key" | "draw" | "select" | "confirm" | "delete" | "keyframe" | "outside" | "occluded"
  | "hide" | "lock" | "done" | "next-object" | "previous-object" | "undo" | "redo" | "copy" | "paste" | "fit" | "save"
  | "sheet";

interface Binding {
  action: Action;
  /** `event.code` of the key, so that keyboards of all languages agree; or a sign, as `event.key`. */
  codes: readonly string[];
  shown: string;
  ctrl?: boolean;
  shift?: boolean;
}

interface Group {
  title: Key;
  bindings: readonly Binding[];
}

export const GROUPS: readonly Group[] = [
  {
    title: "keys.frames",
    bindings: [
      { action: "play", codes: ["Space"], shown: "Space" },
      { action: "back", codes: ["KeyD"], shown: "D" },
      { action: "on", codes: ["KeyF"], shown: "F" },
      { action: "back-10", codes: ["KeyC"], shown: "C" },
      { action: "on-10", codes: ["KeyV"], shown: "V" },
      { action: "previous-labeled", codes: ["ArrowLeft"], shown: "←" },
      { action: "next-labeled", codes: ["ArrowRight"], shown: "→" },
      { action: "previous-key", codes: ["KeyE"], shown: "E" },
      { action: "next-key", codes: ["KeyR"], shown: "R" },
      { action: "goto", codes: ["KeyG"], shown: "G" },
      { action: "first", codes: ["Home"], shown: "Home" },
      { action: "last", codes: ["End"], shown: "End" },
    ],
  },
  {
    title: "keys.objects",
    bindings: [
      { action: "draw", codes: ["KeyN"], shown: "N" },
      { action: "confirm", codes: ["Enter", "NumpadEnter"], shown: "Enter" },
      { action: "select", codes: ["Escape"], shown: "Esc" },
      { action: "next-object", codes: ["Tab"], shown: "Tab" },
      { action: "previous-object", codes: ["Tab"], shown: "Shift Tab", shift: true },
      { action: "keyframe", codes: ["KeyK"], shown: "K" },
      { action: "outside", codes: ["KeyO"], shown: "O" },
      { action: "occluded", codes: ["KeyQ"], shown: "Q" },
      { action: "hide", codes: ["KeyH"], shown: "H" },
      { action: "lock", codes: ["KeyL"], shown: "L" },
      { action: "done", codes: ["KeyT"], shown: "T" },
      { action: "delete", codes: ["Delete", "Backspace"], shown: "Del" },
      { action: "copy", codes: ["KeyC"], shown: "Ctrl C", ctrl: true },
      { action: "paste", codes: ["KeyV"], shown: "Ctrl V", ctrl: true },
    ],
  },
  {
    title: "keys.work",
    bindings: [
      { action: "undo", codes: ["KeyZ"], shown: "Ctrl Z", ctrl: true },
      { action: "redo", codes: ["KeyZ"], shown: "Ctrl Shift Z", ctrl: true, shift: true },
      { action: "save", codes: ["KeyS"], shown: "S" },
      { action: "fit", codes: ["Digit0", "Numpad0"], shown: "0" },
      { action: "sheet", codes: ["?"], shown: "?" },
    ],
  },
];

const ALL = GROUPS.flatMap((group) => group.bindings);

/** What a key press asks for: an action, the place of a category (1–9), or nothing. */
export function meaning(event: KeyboardEvent): Action | number | null {
  if (event.altKey) return null;
  const ctrl = event.ctrlKey || event.metaKey;
  const sign = ALL.find((one) => one.codes.includes(event.key) && !ctrl && one.codes[0]!.length === 1);
  if (sign) return sign.action;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  if (digit && !ctrl && !event.shiftKey) return Number(digit);
  const fits = (one: Binding): boolean =>
    one.codes.includes(event.code) && !!one.ctrl === ctrl && (one.shift === undefined ? !event.shiftKey : one.shift === event.shiftKey);
  return ALL.find(fits)?.action ?? null;
}

/** Whether keys now belong to a field that is typed into. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "range", "button"].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
