import { FrameCache } from "./cache";
import { wanted, type ClipIndex } from "./clip-index";
import type { FromWorker, FrameImage, ToWorker } from "./messages";

/** The processed part of a medium; clips are added while it is being transcoded. */
export interface Footage {
  media: string;
  frameCount: number;
  width: number;
  height: number;
  clips: readonly { index: number; first: number; last: number; state: string }[];
}

const MEGABYTE = 1024 * 1024;
const NEAR_BORDER = 90;
/** Requests of an undecodable frame before it counts as failed. */
const ATTEMPTS = 3;

/** The frames of one medium, decoded around the current one in a worker, across clip borders. */
export class FrameSource {
  private readonly worker: Worker;
  private readonly cache: FrameCache;
  private readonly indexes = new Map<number, ClipIndex>();
  private readonly loading = new Map<number, Promise<void>>();
  private readonly failures = new Map<number, number>();
  private current = 0;
  private direction: 1 | -1 = 1;
  private playing = false;
  private closed = false;
  /** Whether frames are fetched as still images, because the browser has no WebCodecs. */
  readonly stills: boolean;

  constructor(
    private footage: Footage,
    private readonly readIndex: (clip: number) => Promise<ClipIndex>,
    private readonly onframe: (frame: number) => void,
    private readonly onfailure: (frame: number, reason: string) => void,
  ) {
    this.stills = typeof VideoDecoder === "undefined";
    const memory = (navigator as { deviceMemory?: number }).deviceMemory ?? 4;
    this.cache = new FrameCache((memory >= 8 ? 512 : 256) * MEGABYTE);
    this.worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.receive(data);
    this.send({ kind: "open", base: `/api/v1/media/${footage.media}`, stills: this.stills });
  }

  /** The image of `frame` if it is decoded. */
  get(frame: number): FrameImage | undefined {
    return this.cache.get(frame);
  }

  has(frame: number): boolean {
    return this.cache.has(frame);
  }

  /** The index of a clip if it is loaded. */
  index(clip: number): ClipIndex | undefined {
    return this.indexes.get(clip);
  }

  /** The degrees by which the image of `frame` must be rotated clockwise; still images are upright. */
  rotation(frame: number): number {
    const image = this.cache.get(frame);
    if (!image || !("codedWidth" in image)) return 0;
    return this.indexes.get(this.clipOf(frame))?.rotation ?? 0;
  }

  clipOf(frame: number): number {
    return this.footage.clips.find((clip) => frame >= clip.first && frame <= clip.last)?.index ?? 0;
  }

  /** Decode `frame` and its neighbors, most of them in the direction of playback. */
  prefetch(frame: number, direction: 1 | -1, playing: boolean): void {
    this.current = frame;
    this.direction = direction;
    this.playing = playing;
    void this.prepare();
  }

  /** The medium changed: a clip became ready, or has a better rendition. */
  async update(footage: Footage, clip: number): Promise<void> {
    this.footage = footage;
    this.loading.delete(clip);
    if (this.indexes.has(clip) || clip === this.clipOf(this.current)) {
      await this.open(clip);
      this.request();
    }
  }

  close(): void {
    this.closed = true;
    this.worker.terminate();
    this.cache.clear();
  }

  private async prepare(): Promise<void> {
    const here = this.clipOf(this.current);
    this.request();
    if (!this.stills) {
      await this.open(here);
      this.request();
      const clip = this.footage.clips[here];
      if (clip && clip.last - this.current < NEAR_BORDER) void this.open(here + 1).then(() => this.request());
      if (clip && this.current - clip.first < NEAR_BORDER) void this.open(here - 1).then(() => this.request());
    }
  }

  private open(clip: number): Promise<void> {
    if (this.footage.clips[clip]?.state !== "ready") return Promise.resolve();
    let loading = this.loading.get(clip);
    if (!loading) {
      loading = this.readIndex(clip).then(
        (index) => {
          this.indexes.set(clip, index);
          this.send({ kind: "clip", index });
        },
        (error: unknown) => {
          this.loading.delete(clip);
          this.onfailure(this.footage.clips[clip]?.first ?? 0, String(error));
        },
      );
      this.loading.set(clip, loading);
    }
    return loading;
  }

  private request(): void {
    if (this.closed) return;
    const size = this.footage.width * this.footage.height * 1.5;
    const capacity = Math.max(4, Math.floor((160 * MEGABYTE) / size));
    const ahead = Math.min(capacity, this.stills ? 8 : this.playing ? 48 : 24);
    const behind = Math.min(capacity >> 1, this.playing ? 2 : 12);
    const frames = wanted(this.current, this.direction, ahead, behind, this.footage.frameCount - 1);
    const missing = frames.filter((f) => !this.cache.has(f) && (this.failures.get(f) ?? 0) < ATTEMPTS);
    this.send({ kind: "request", frames: missing });
  }

  private receive(message: FromWorker): void {
    if (message.kind === "frame") {
      this.cache.put(message.frame, message.image, this.current);
      this.onframe(message.frame);
      return;
    }
    const failures = (this.failures.get(message.frame) ?? 0) + 1;
    this.failures.set(message.frame, failures);
    if (failures >= ATTEMPTS) void this.fetchFrame(message.frame, message.reason);
    else if (message.frame === this.current) this.request();
  }

  /** Load a frame that this browser cannot decode as an image from the service. */
  private async fetchFrame(frame: number, reason: string): Promise<void> {
    try {
      const response = await fetch(`/api/v1/media/${this.footage.media}/frames/${frame}`);
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      this.receive({ kind: "frame", frame, image: await createImageBitmap(await response.blob()) });
    } catch {
      if (!this.closed) this.onfailure(frame, reason);
    }
  }

  private send(message: ToWorker): void {
    this.worker.postMessage(message);
  }
}
