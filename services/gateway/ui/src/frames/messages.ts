import type { ClipIndex } from "./clip-index";

/** What the screen tells the worker. `frames`: the most urgent first; replaces all earlier wishes. */
export type ToWorker =
  | { kind: "open"; base: string; pictures: boolean }
  | { kind: "clip"; index: ClipIndex }
  | { kind: "wish"; frames: number[] };

export type Picture = VideoFrame | ImageBitmap;

/** What the worker tells the screen. */
export type FromWorker =
  | { kind: "picture"; frame: number; picture: Picture }
  | { kind: "failed"; frame: number; reason: string };
