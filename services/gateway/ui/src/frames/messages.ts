import type { ClipIndex } from "./clip-index";

/** Messages to the worker. `frames`: the most urgent first; they replace all earlier requests. */
export type ToWorker =
  | { kind: "open"; base: string; stills: boolean }
  | { kind: "clip"; index: ClipIndex }
  | { kind: "request"; frames: number[] };

export type Picture = VideoFrame | ImageBitmap;

/** Messages from the worker. */
export type FromWorker =
  | { kind: "picture"; frame: number; picture: Picture }
  | { kind: "failed"; frame: number; reason: string };
