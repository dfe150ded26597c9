import { endOfSegment, type ClipIndex } from "./clip-index";

const SHORT_SEGMENT = 24;
const FEED = 8;

interface Cursor {
  index: ClipIndex;
  segment: number;
  next: number;
  offset: number;
  flushed: boolean;
}

/** Decodes segments of H.264 (or any WebCodecs codec); every decoded frame carries its frame number as timestamp. */
export class SegmentDecoder {
  private decoder: VideoDecoder | null = null;
  private configured = "";
  private cursor: Cursor | null = null;
  private error: Error | null = null;
  private readonly emitted = new Set<number>();
  private progress: (() => void) | null = null;

  constructor(private readonly emit: (frame: number, image: VideoFrame) => void) {}

  /** Decode `segment` (whole if short, else until `frame` is decoded); continues where the last call stopped. */
  async decode(index: ClipIndex, segment: number, bytes: Uint8Array, frame: number): Promise<void> {
    const end = endOfSegment(index, segment);
    let cursor = this.cursor;
    if (!cursor || cursor.index !== index || cursor.segment !== segment || cursor.flushed || this.emitted.has(frame)) {
      cursor = this.restart(index, segment);
    }
    const whole = end - index.segments[segment]!.sample <= SHORT_SEGMENT;
    while (!this.emitted.has(frame) && cursor.next < end) {
      this.feed(cursor, bytes, whole ? end : Math.min(end, cursor.next + FEED));
      if (cursor.next < end) await this.drained();
      this.raise();
    }
    if (cursor.next >= end && !cursor.flushed) {
      cursor.flushed = true;
      await this.decoder!.flush();
      this.raise();
    }
    if (!this.emitted.has(frame)) throw new Error(`frame ${frame} is not in its segment`);
  }

  private feed(cursor: Cursor, bytes: Uint8Array, until: number): void {
    const { index } = cursor;
    const start = index.segments[cursor.segment]!.sample;
    for (; cursor.next < until; cursor.next += 1) {
      const size = index.sample_size[cursor.next]!;
      const chunk = new EncodedVideoChunk({
        type: cursor.next === start ? "key" : "delta",
        timestamp: index.sample_frame[cursor.next]!,
        data: bytes.subarray(cursor.offset, cursor.offset + size),
      });
      cursor.offset += size;
      this.decoder!.decode(chunk);
    }
  }

  private restart(index: ClipIndex, segment: number): Cursor {
    const key = `${index.codec} ${index.description ?? ""} ${index.width}x${index.height}`;
    const clean = this.cursor === null || this.cursor.flushed;
    if (!this.decoder || this.decoder.state === "closed" || this.error) this.decoder = this.create();
    else if (!clean) this.decoder.reset();
    if (this.configured !== key || this.decoder.state !== "configured") this.configure(index);
    this.configured = key;
    this.emitted.clear();
    this.cursor = { index, segment, next: index.segments[segment]!.sample, offset: 0, flushed: false };
    return this.cursor;
  }

  private create(): VideoDecoder {
    this.error = null;
    return new VideoDecoder({
      output: (image) => {
        const frame = image.timestamp;
        this.emitted.add(frame);
        this.emit(frame, image);
        this.progress?.();
      },
      error: (error) => {
        this.error = error;
        this.progress?.();
      },
    });
  }

  private configure(index: ClipIndex): void {
    this.decoder!.configure({
      codec: index.codec,
      ...(index.description ? { description: fromBase64(index.description) } : {}),
      // A hardware decoder has few output buffers and stalls while they are in use; here, frames are cached.
      hardwareAcceleration: "prefer-software",
      optimizeForLatency: true,
    });
  }

  /** Resolves when all queued chunks are decoded. */
  private async drained(): Promise<void> {
    while (this.decoder!.decodeQueueSize > 0 && !this.error) {
      await new Promise<void>((resolve) => {
        this.progress = resolve;
        this.decoder!.addEventListener("dequeue", () => resolve(), { once: true });
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.progress = null;
  }

  private raise(): void {
    if (!this.error) return;
    this.cursor = null;
    throw this.error;
  }
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
