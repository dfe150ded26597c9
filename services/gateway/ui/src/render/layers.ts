import type { FrameImage } from "../frames/messages";
import { PALETTE } from "./palette";
import { onScreen, paintActive, paintCrosshair, paintOverlayDots, paintShapes } from "./paint";
import type { Scene } from "./scene";

/** Three stacked canvases: the image, the inactive shapes, the active shapes. Each is painted when its content changes. */
export class Layers {
  width = 0;
  height = 0;
  private readonly contexts: CanvasRenderingContext2D[];
  private readonly dirty = [true, true, true];
  private scheduled = 0;

  constructor(
    canvases: readonly HTMLCanvasElement[],
    private readonly scene: Scene,
  ) {
    this.contexts = canvases.map((canvas, at) => canvas.getContext("2d", { alpha: at > 0 })!);
  }

  close(): void {
    cancelAnimationFrame(this.scheduled);
  }

  /** Paint these layers (0 image, 1 inactive, 2 active) in the next animation frame. */
  redraw(...layers: number[]): void {
    for (const layer of layers) this.dirty[layer] = true;
    this.scheduled ||= requestAnimationFrame(() => this.paint());
  }

  resize(width: number, height: number): void {
    const ratio = window.devicePixelRatio || 1;
    this.width = width;
    this.height = height;
    for (const { canvas } of this.contexts) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
  }

  /** Paint at once, so that a cleared canvas is never visible. */
  repaint(): void {
    this.dirty.fill(true);
    this.paint();
  }

  private paint(): void {
    this.scheduled = 0;
    const ratio = window.devicePixelRatio || 1;
    this.contexts.forEach((context, at) => {
      if (!this.dirty[at]) return;
      this.dirty[at] = false;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, this.width, this.height);
      if (at === 0) this.paintImage(context);
      else if (at === 1) this.paintResting(context);
      else this.paintActive(context);
    });
  }

  private paintImage(context: CanvasRenderingContext2D): void {
    const { viewport: view, size, image, rotation, smoothing } = this.scene;
    const [w, h] = [size.width * view.scale, size.height * view.scale];
    if (!image) {
      context.fillStyle = PALETTE.empty;
      context.fillRect(view.x, view.y, w, h);
      return;
    }
    // Enlarged pixels are painted sharp.
    context.imageSmoothingEnabled = smoothing ? view.scale < 3 : view.scale < 1;
    if (rotation === 0) {
      const [pw, ph] = sizeOf(image);
      // Video is padded to even sides; the padding is not drawn.
      const [sw, sh] = [pw - size.width === 1 ? size.width : pw, ph - size.height === 1 ? size.height : ph];
      context.drawImage(image, 0, 0, sw, sh, view.x, view.y, w, h);
      return;
    }
    const sideways = rotation % 180 !== 0;
    context.translate(view.x + w / 2, view.y + h / 2);
    context.rotate((rotation * Math.PI) / 180);
    const [pw, ph] = sideways ? [h, w] : [w, h];
    context.drawImage(image, -pw / 2, -ph / 2, pw, ph);
  }

  private paintResting(context: CanvasRenderingContext2D): void {
    const { resting, viewport } = this.scene;
    paintShapes(context, onScreen(resting, viewport, this), viewport);
  }

  private paintActive(context: CanvasRenderingContext2D): void {
    const { scene } = this;
    const { viewport, overlay, hovered } = scene;
    const active = scene.active;
    const bare = [...(hovered ? [hovered] : []), ...scene.ghosts];
    for (const shape of bare) paintActive(context, shape, viewport, null);
    for (const shape of active) {
      const handles = overlay.handles && active.length === 1 && !shape.locked;
      paintActive(context, shape, viewport, handles ? overlay.activeHandle : null);
    }
    const shapes = overlay.shapes.length > 0 || !scene.draft ? overlay.shapes : [scene.draft];
    for (const shape of shapes) paintActive(context, shape, viewport, null);
    paintOverlayDots(context, overlay.dots, viewport);
    if (overlay.crosshair) paintCrosshair(context, overlay.crosshair, this);
  }
}

function sizeOf(image: FrameImage): [number, number] {
  return "displayWidth" in image ? [image.displayWidth, image.displayHeight] : [image.width, image.height];
}
