import type { Picture } from "../frames/messages";
import { loose } from "./render-shape";
import { onScreen, paintActive, paintCrosshair, paintShapes } from "./paint";
import type { Scene } from "./scene";

/** Three stacked canvases: the picture, the shapes at rest, the shape at hand. Each is painted when it changed. */
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

  /** Paint these layers (0 picture, 1 resting, 2 live) with the screen's next picture. */
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

  /** Paint at once: a cleared canvas must not be seen empty. */
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
      if (at === 0) this.paintPicture(context);
      else if (at === 1) this.paintResting(context);
      else this.paintLive(context);
    });
  }

  private paintPicture(context: CanvasRenderingContext2D): void {
    const { view, size, picture, turn } = this.scene;
    const [w, h] = [size.width * view.scale, size.height * view.scale];
    if (!picture) {
      context.fillStyle = "#161d26";
      context.fillRect(view.x, view.y, w, h);
      return;
    }
    // Single pixels are shown as such when they are large.
    context.imageSmoothingEnabled = view.scale < 3;
    if (turn === 0) {
      const [pw, ph] = sizeOf(picture);
      // Video is padded to even sides: what is beyond the picture is not shown.
      const [sw, sh] = [pw - size.width === 1 ? size.width : pw, ph - size.height === 1 ? size.height : ph];
      context.drawImage(picture, 0, 0, sw, sh, view.x, view.y, w, h);
      return;
    }
    const lying = turn % 180 !== 0;
    context.translate(view.x + w / 2, view.y + h / 2);
    context.rotate((turn * Math.PI) / 180);
    const [pw, ph] = lying ? [h, w] : [w, h];
    context.drawImage(picture, -pw / 2, -ph / 2, pw, ph);
  }

  private paintResting(context: CanvasRenderingContext2D): void {
    const { shapes, selected, view } = this.scene;
    const resting = shapes.filter((shape) => shape.id !== selected);
    paintShapes(context, onScreen(resting, view, this.width, this.height), view);
  }

  private paintLive(context: CanvasRenderingContext2D): void {
    const { scene } = this;
    const { view, gesture, pointer, active, tool } = scene;
    const hovered = scene.shapes.find((shape) => shape.id === scene.hovered && shape.id !== scene.selected);
    if (hovered) paintActive(context, hovered, view, false);
    for (const ghost of scene.ghosts) paintActive(context, ghost, view, false);
    if (active) paintActive(context, active, view, !active.locked && tool === "select");
    if (gesture?.kind === "draw") {
      const box = scene.drawnBox(gesture);
      const size = `${Math.round(box.x2 - box.x1)} × ${Math.round(box.y2 - box.y1)}`;
      paintActive(context, loose(box, "#ffffff", size), view, false);
    } else if (scene.draft) paintActive(context, scene.draft, view, false);
    if (tool === "box" && pointer && gesture?.kind !== "pan")
      paintCrosshair(context, pointer.x, pointer.y, this.width, this.height);
  }
}

function sizeOf(picture: Picture): [number, number] {
  return "displayWidth" in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height];
}
