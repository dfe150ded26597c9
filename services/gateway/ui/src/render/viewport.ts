import type { Point } from "../shapes/box-handles";

/** How the picture lies on the screen: CSS pixel = offset + picture pixel × scale. */
export class View {
  scale = 1;
  x = 0;
  y = 0;

  toPicture(point: Point): Point {
    return { x: (point.x - this.x) / this.scale, y: (point.y - this.y) / this.scale };
  }

  /** Show the whole picture, centred. */
  fit(width: number, height: number, screenW: number, screenH: number, margin = 16): void {
    const scale = Math.min((screenW - 2 * margin) / width, (screenH - 2 * margin) / height);
    this.scale = Math.max(scale, 0.01);
    this.x = (screenW - width * this.scale) / 2;
    this.y = (screenH - height * this.scale) / 2;
  }

  /** Zoom so that what lies under `at` stays there. */
  zoom(factor: number, at: Point): void {
    const before = this.toPicture(at);
    this.scale = Math.min(64, Math.max(0.02, this.scale * factor));
    this.x = at.x - before.x * this.scale;
    this.y = at.y - before.y * this.scale;
  }

  pan(dx: number, dy: number): void {
    this.x += dx;
    this.y += dy;
  }
}
