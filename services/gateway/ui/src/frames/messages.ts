import type { ClipIndex } from "./clip-index";

/** Messages to the worker. `frames`: the most urgent first; they replace all earlier requests. */
export type ToWorker =
  | { kind: "open"; base: string; stills: boolean }
  | { kind: "clip"; index: ClipIndex }
  | { kind: "request"; frames: number[] };

export type FrameImage = VideoFrame | ImageBitmap;

/** Messages from the worker. */
export type FromWorker =
  | { kind: "frame"; frame: number; image: FrameImage }
  | { kind: "failed"; frame: number; reason: string };
