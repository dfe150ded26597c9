import type { FrameImage } from "./messages";

/** Decoded frames; the least recently used ones are dropped when the memory budget is exceeded. */
export class FrameCache {
  private readonly images = new Map<number, FrameImage>();
  private used = 0;

  constructor(private readonly budget: number) {}

  get(frame: number): FrameImage | undefined {
    const image = this.images.get(frame);
    if (image) {
      this.images.delete(frame);
      this.images.set(frame, image);
    }
    return image;
  }

  has(frame: number): boolean {
    return this.images.has(frame);
  }

  put(frame: number, image: FrameImage, keep: number): void {
    this.drop(frame);
    this.images.set(frame, image);
    this.used += sizeOf(image);
    for (const oldest of this.images.keys()) {
      if (this.used <= this.budget || this.images.size === 1) break;
      if (oldest !== keep && oldest !== frame) this.drop(oldest);
    }
  }

  clear(): void {
    for (const frame of [...this.images.keys()]) this.drop(frame);
  }

  private drop(frame: number): void {
    const image = this.images.get(frame);
    if (!image) return;
    this.used -= sizeOf(image);
    this.images.delete(frame);
    image.close();
  }
}

/** Bytes: decoded video is kept as 4:2:0 (1.5 bytes a pixel), bitmaps as RGBA. */
export function sizeOf(image: FrameImage): number {
  return "codedWidth" in image ? image.codedWidth * image.codedHeight * 1.5 : image.width * image.height * 4;
}
