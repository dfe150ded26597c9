/** The interface of the labeling screen for tools, commands and panels, which import nothing else of `editor`. */
import type { Clip, Medium, Project } from "../api/types";
import type { Key } from "../i18n/index.svelte";
import type { Overlay } from "../render/scene";
import type { AnnotationType, Point } from "../shapes/types";
import type { AutoLabel } from "./auto-label.svelte";
import type { Conflict } from "./document/document";
import type { ObjectEdits } from "./edits.svelte";
import type { Missions } from "./missions.svelte";
import type { NewObjects } from "./new-objects.svelte";
import type { Objects } from "./objects.svelte";
import type { Playback } from "./playback.svelte";
import type { Presence } from "./presence.svelte";
import type { QuickLabel } from "./quick-label.svelte";
import type { Selection } from "./selection.svelte";
import type { SyncStatus } from "./status.svelte";
import type { EditorViewport } from "./viewport.svelte";

export type { AutoLabel } from "./auto-label.svelte";
export { attributesAt, shapeAt, visibleSpans, type Shape } from "./document/interpolation";
export { isImageTag, isSolid } from "./document/labels";
export type { QuickRun } from "./quick-label.svelte";

export interface Editor {
  readonly medium: Medium;
  readonly project: Project;
  readonly clips: readonly Clip[];
  readonly selection: Selection;
  readonly viewport: EditorViewport;
  readonly playback: Playback;
  readonly toolbox: Toolbox;
  readonly missions: Missions;
  readonly objects: Objects;
  readonly edits: ObjectEdits;
  readonly newObjects: NewObjects;
  readonly presence: Presence;
  readonly status: SyncStatus;
  readonly auto: AutoLabel;
  readonly quick: QuickLabel;
  dialog: DialogId | null;
  /** Grows with every request to focus the frame number field. */
  frameNumberRequests: number;

  /** Set the class of the draft or the selected objects. The next shapes of their kinds get it, too. */
  classify(category: string, type: string | null): void;
  /** Select a category by its position in the mission: for the draft, the selected objects, or the next object. */
  pickCategory(key: number): void;
  /** Cancel the current step: a drag, the draft, the tool, or the selection. */
  cancel(): void;
  /** Go to the next frame with objects. */
  seekLabeled(by: 1 | -1): void;
  /** Go to the next keyframe of the selected object. */
  seekKeyframe(by: 1 | -1): void;
  conflicts(): readonly Conflict[];
  resolveConflict(object: string, keep: "mine" | "theirs"): void;
  dismissRefused(id: string): void;
  saveNow(): void;
}

export type DialogId = "keys" | "refused" | "delete-all";

// ---- tools ----

/** A pointer event on the canvas. */
export interface PointerInput {
  /** In pixels of the image. */
  point: Point;
  /** In CSS pixels of the canvas. */
  screen: Point;
  shift: boolean;
}

type Next = ToolState | undefined | void;

/**
 * One state of a tool. A handler returns the next state; without one, the state stays. The primary button and the secondary
 * one (`contextMenu`) arrive here; panning and zooming work in every state and do not.
 */
export interface ToolState {
  enter?(): void;
  pointerDown?(input: PointerInput): Next;
  pointerMove?(input: PointerInput): Next;
  pointerUp?(input: PointerInput): Next;
  /** The pointer left the canvas. */
  pointerLeave?(): void;
  doubleClick?(input: PointerInput): Next;
  contextMenu?(input: PointerInput): Next;
  /** The context of the state's own keys, which arrive at `key`. */
  readonly context?: KeyContext | undefined;
  key?(key: ToolKey): Next;
  /** Escape: the state after cancelling the current step; undefined if there is nothing to cancel. */
  cancel?(): Next;
  cursor(): string;
  overlay?(): Partial<Overlay>;
}

export type PointerEventName = "pointerDown" | "pointerMove" | "pointerUp" | "doubleClick" | "contextMenu";

/** A tool of the toolbar: one file, and one line in `tools/registry`. */
export interface Tool {
  id: string;
  label: Key;
  /** Path data of a 16 × 16 icon. */
  icon: string;
  shortcuts: readonly string[];
  /** The kind of shape that it draws. */
  draws?: AnnotationType;
  /** Additional commands of the tool. */
  commands?: readonly Command[];
  /** The first state; `mode` comes from a command of the tool. */
  start(editor: Editor, mode?: string): ToolState;
}

/** The tools, and the state of the current one. */
export interface Toolbox {
  readonly tool: Tool;
  readonly context: KeyContext;
  readonly cursor: string;
  readonly overlay: Overlay;
  use(id: string, mode?: string): void;
  /** Use the tool to which Escape returns. */
  useFallback(): void;
  /** Pass a pointer event to the state. Returns whether the state handles such events. */
  dispatch(name: PointerEventName, input: PointerInput): boolean;
  pointerLeft(): void;
  key(key: ToolKey): void;
  /** Cancel the current step. Returns whether there was one. */
  cancel(): boolean;
}

// ---- commands ----

/** The scope of a shortcut: the whole labeling screen, or the states of a tool. */
export type KeyContext = "editor" | "drawing" | "vertices";
export type CommandGroup = "tools" | "frames" | "objects" | "shapes" | "categories" | "work";

/** The keys of a tool state in its context. */
export type ToolKey = "finish" | "remove";

/** A command of the toolbar, menus, shortcuts and the key sheet. */
export interface Command {
  id: string;
  label: Key;
  params?: Record<string, number>;
  /** Path data of a 16 × 16 icon, for commands with a button of their own. */
  icon?: string;
  group: CommandGroup;
  context: KeyContext;
  /** Default shortcuts, such as `Ctrl+Shift+KeyZ`; the first one is shown. */
  shortcuts: readonly string[];
  enabled?(editor: Editor): boolean;
  run(editor: Editor): void;
}
