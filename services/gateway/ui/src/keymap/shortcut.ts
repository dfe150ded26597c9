/**
 * A shortcut is written as modifiers and a key, such as `Ctrl+Shift+KeyZ`. The key is an `event.code`, so that keyboards of all
 * languages agree, or a single sign as `event.key`, such as `?`.
 */
const MODIFIERS = ["Ctrl", "Shift"] as const;
const NAMES: Record<string, string> = {
  Escape: "Esc",
  Delete: "Del",
  Backspace: "⌫",
  ArrowLeft: "←",
  ArrowRight: "→",
};
const CODE = /^[A-Z][A-Za-z]+\d?$/;

/** The shortcuts that match a key press. */
export function shortcutsOf(event: KeyboardEvent): string[] {
  if (event.altKey) return [];
  const ctrl = event.ctrlKey || event.metaKey;
  const code = [ctrl ? "Ctrl" : "", event.shiftKey ? "Shift" : "", event.code].filter(Boolean).join("+");
  const isSign = event.key.length === 1 && !/[\p{L}\p{N} ]/u.test(event.key);
  return isSign && !ctrl ? [event.key, code] : [code];
}

export function isShortcut(text: string): boolean {
  const parts = text.split("+");
  const key = parts.pop()!;
  if (text.length === 1) return true;
  return CODE.test(key) && parts.join("+") === MODIFIERS.filter((modifier) => parts.includes(modifier)).join("+");
}

/** A shortcut for display: `Ctrl Shift Z`. */
export function formatShortcut(shortcut: string): string {
  if (shortcut.length === 1) return shortcut;
  return shortcut
    .split("+")
    .map((part) => NAMES[part] ?? part.replace(/^(?:Key|Digit)/, ""))
    .join(" ");
}

/** Whether keys belong to a text field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "range", "button"].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
