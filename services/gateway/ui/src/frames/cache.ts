import type { Picture } from "./messages";

/** Decoded pictures by frame; the least recently used ones are dropped when the memory is used up. */
export class PictureCache {
  private readonly pictures = new Map<number, Picture>();
  private used = 0;

  constructor(private readonly budget: number) {}

  get(frame: number): Picture | undefined {
    const picture = this.pictures.get(frame);
    if (picture) {
      this.pictures.delete(frame);
      this.pictures.set(frame, picture);
    }
    return picture;
  }

  has(frame: number): boolean {
    return this.pictures.has(frame);
  }

  put(frame: number, picture: Picture, keep: number): void {
    this.drop(frame);
    this.pictures.set(frame, picture);
    this.used += sizeOf(picture);
    for (const oldest of this.pictures.keys()) {
      if (this.used <= this.budget || this.pictures.size === 1) break;
      if (oldest !== keep && oldest !== frame) this.drop(oldest);
    }
  }

  clear(): void {
    for (const frame of [...this.pictures.keys()]) this.drop(frame);
  }

  private drop(frame: number): void {
    const picture = this.pictures.get(frame);
    if (!picture) return;
    this.used -= sizeOf(picture);
    this.pictures.delete(frame);
    picture.close();
  }
}

/** Bytes: decoded video is kept as 4:2:0 (1.5 bytes a pixel), bitmaps as RGBA. */
export function sizeOf(picture: Picture): number {
  return "codedWidth" in picture ? picture.codedWidth * picture.codedHeight * 1.5 : picture.width * picture.height * 4;
}
