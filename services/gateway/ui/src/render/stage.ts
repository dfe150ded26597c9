import type { FrameImage } from "../frames/messages";
import type { Size } from "../shapes/types";
import { Layers } from "./layers";
import type { RenderShape } from "./render-shape";
import { Scene, type Overlay } from "./scene";
import type { Viewport } from "./viewport";

/** The stacked canvases in their host element: resized with it, and redrawn when their content changes. */
export class Stage {
  private readonly scene: Scene;
  private readonly layers: Layers;
  private readonly observer: ResizeObserver;

  constructor(
    private readonly host: HTMLElement,
    canvases: readonly HTMLCanvasElement[],
    viewport: Viewport,
    size: Size,
    private readonly onresize: (size: Size) => void,
  ) {
    this.scene = new Scene(viewport, size);
    this.layers = new Layers(canvases, this.scene);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    this.resize();
  }

  close(): void {
    this.observer.disconnect();
    this.layers.close();
  }

  setSmoothing(smoothing: boolean): void {
    this.scene.smoothing = smoothing;
    this.layers.redraw(0);
  }

  showImage(image: FrameImage | null, rotation: number): void {
    Object.assign(this.scene, { image, rotation });
    this.layers.redraw(0);
  }

  showShapes(shapes: readonly RenderShape[], selected: ReadonlySet<string>, ghosts: readonly RenderShape[]): void {
    Object.assign(this.scene, { shapes, selected, ghosts });
    this.layers.redraw(1, 2);
  }

  /** The new shape that has no category yet. */
  showDraft(draft: RenderShape | null): void {
    this.scene.draft = draft;
    this.layers.redraw(2);
  }

  showOverlay(overlay: Overlay): void {
    this.scene.overlay = overlay;
    this.layers.redraw(2);
  }

  viewportChanged(): void {
    this.layers.redraw(0, 1, 2);
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || (width === this.layers.width && height === this.layers.height)) return;
    this.layers.resize(width, height);
    this.onresize({ width, height });
    this.layers.repaint();
  }
}
