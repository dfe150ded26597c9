import type { Transform } from "../shapes/kind";
import type { Point, Size } from "../shapes/types";

const MARGIN = 16;
const SMALLEST_SCALE = 0.02;
const LARGEST_SCALE = 64;

/** The position of the image on the screen, zoomed and panned. */
export class Viewport implements Transform {
  scale = 1;
  x = 0;
  y = 0;

  toImage(point: Point): Point {
    return { x: (point.x - this.x) / this.scale, y: (point.y - this.y) / this.scale };
  }

  toScreen(point: Point): Point {
    return { x: this.x + point.x * this.scale, y: this.y + point.y * this.scale };
  }

  /** Show the whole image, centered. */
  fit(image: Size, screen: Size): void {
    const scale = Math.min((screen.width - 2 * MARGIN) / image.width, (screen.height - 2 * MARGIN) / image.height);
    this.scale = Math.max(scale, 0.01);
    this.x = (screen.width - image.width * this.scale) / 2;
    this.y = (screen.height - image.height * this.scale) / 2;
  }

  /** Zoom; the point of the image under `at` stays there. */
  zoom(factor: number, at: Point): void {
    const before = this.toImage(at);
    this.scale = Math.min(LARGEST_SCALE, Math.max(SMALLEST_SCALE, this.scale * factor));
    this.x = at.x - before.x * this.scale;
    this.y = at.y - before.y * this.scale;
  }

  pan(dx: number, dy: number): void {
    this.x += dx;
    this.y += dy;
  }
}
