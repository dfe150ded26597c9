/// <reference lib="webworker" />
import { SegmentDecoder } from "./decoder";
import { segmentOf, type ClipIndex } from "./clip-index";
import type { FromWorker, FrameImage, ToWorker } from "./messages";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const BYTES_KEPT = 64 * 1024 * 1024;
const FETCHES = 4;
/** The pauses before retries of a failed download. */
const PAUSES_MS = [250, 1000, 3000];

let base = "";
let stills = false;
const clips: ClipIndex[] = [];
let requested: number[] = [];
const awaited = new Set<number>();
let working = false;
/** Resolves when other frames are requested, so that a slow download does not block them. */
let newRequest = signal();

function signal(): { promise: Promise<null>; raise: () => void } {
  let raise = (): void => undefined;
  const promise = new Promise<null>((resolve) => (raise = () => resolve(null)));
  return { promise, raise };
}

const downloads = new Map<string, Promise<Uint8Array>>();
const sizes = new Map<string, number>();

function send(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

function emit(frame: number, image: FrameImage): void {
  if (!awaited.has(frame)) {
    image.close();
    return;
  }
  awaited.delete(frame);
  requested = requested.filter((f) => f !== frame);
  send({ kind: "frame", frame, image }, [image as unknown as Transferable]);
}

const decoder = new SegmentDecoder(emit);

async function download(path: string): Promise<Uint8Array> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await fetch(`${base}${path}`, { credentials: "same-origin" });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      const pause = PAUSES_MS[attempt];
      if (pause === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** The bytes at `path`, from memory if they were read recently. */
function bytesOf(path: string): Promise<Uint8Array> {
  let running = downloads.get(path);
  if (running) {
    downloads.delete(path);
  } else {
    running = download(path);
    running.then(
      (bytes) => sizes.set(path, bytes.length),
      () => downloads.delete(path),
    );
  }
  downloads.set(path, running);
  forgetOldest();
  return running;
}

function forgetOldest(): void {
  let total = 0;
  for (const path of downloads.keys()) total += sizes.get(path) ?? 0;
  for (const path of downloads.keys()) {
    if (total <= BYTES_KEPT) return;
    total -= sizes.get(path) ?? 0;
    downloads.delete(path);
    sizes.delete(path);
  }
}

interface SegmentLocation {
  index: ClipIndex;
  segment: number;
  path: string;
}

function locate(frame: number): SegmentLocation | null {
  const index = clips.find((clip) => frame >= clip.first && frame < clip.first + clip.count);
  const segment = index ? segmentOf(index, frame) : -1;
  if (!index || segment < 0) return null;
  return { index, segment, path: `/gops/${index.segments[segment]!.id}` };
}

/** Start the downloads of the most urgent segments, a few at a time. */
function readAhead(): void {
  const paths = new Set<string>();
  for (const frame of requested) {
    const path = pathOf(frame);
    if (path) paths.add(path);
    if (paths.size >= FETCHES) break;
  }
  for (const path of paths) void bytesOf(path).catch(() => undefined);
}

function pathOf(frame: number): string | null {
  return stills ? `/frames/${frame}` : (locate(frame)?.path ?? null);
}

/** Decode the frames of a segment, or one still image. */
async function show(frame: number, bytes: Uint8Array): Promise<void> {
  const at = stills ? null : locate(frame);
  if (at && at.index.codec !== "jpeg") return decoder.decode(at.index, at.segment, bytes, frame);
  emit(frame, await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>])));
}

async function work(): Promise<void> {
  if (working) return;
  working = true;
  for (let frame = requested[0]; frame !== undefined; frame = requested[0]) {
    readAhead();
    try {
      const bytes = await Promise.race([bytesOf(pathOf(frame)!), newRequest.promise]);
      if (bytes === null || requested[0] !== frame) continue;
      await show(frame, bytes);
    } catch (error) {
      // A frame that is no longer requested has not failed.
      if (awaited.has(frame)) send({ kind: "failed", frame, reason: String(error) });
    }
    awaited.delete(frame);
    requested = requested.filter((f) => f !== frame);
    // Receive newer requests.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  working = false;
}

scope.onmessage = ({ data }: MessageEvent<ToWorker>): void => {
  if (data.kind === "open") {
    base = data.base;
    stills = data.stills;
  } else if (data.kind === "clip") {
    const at = clips.findIndex((clip) => clip.clip === data.index.clip);
    if (at >= 0) clips.splice(at, 1);
    clips.push(data.index);
  } else {
    requested = data.frames.filter((frame) => pathOf(frame) !== null);
    awaited.clear();
    for (const frame of requested) awaited.add(frame);
    newRequest.raise();
    newRequest = signal();
    readAhead();
    void work();
  }
};
