import type { Picture } from "../frames/messages";
import type { Drawn } from "../render/render-shape";
import type { Point } from "../shapes/box-handles";
import { Hand, type HandEvents } from "./controller";
import { Layers } from "../render/layers";
import { Scene, type Tool } from "../render/scene";

export interface StageEvents extends Pick<HandEvents, "selected" | "changed" | "drawn"> {
  zoomed(scale: number): void;
}

/** The canvas: layers that show a scene, the pointer that works on it, zoom and pan. */
export class Stage {
  private readonly scene: Scene;
  private readonly layers: Layers;
  private readonly hand: Hand;
  /** Whether the whole picture is shown; it stays so when the window changes. */
  private fitted = true;
  private readonly observer: ResizeObserver;
  private readonly abort = new AbortController();

  constructor(
    private readonly host: HTMLElement,
    canvases: readonly HTMLCanvasElement[],
    size: { width: number; height: number },
    private readonly events: StageEvents,
  ) {
    this.scene = new Scene(size);
    this.layers = new Layers(canvases, this.scene);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    this.resize();
    const { selected, changed, drawn } = events;
    const hear: HandEvents = {
      selected,
      changed,
      drawn,
      panned: () => this.panned(),
      zoomed: (factor, at) => this.zoomAt(factor, at),
      seen: (what) => (what === "all" ? this.layers.redraw(1, 2) : this.layers.redraw(2)),
    };
    this.hand = new Hand(host, this.scene, hear, this.abort.signal);
  }

  close(): void {
    this.observer.disconnect();
    this.abort.abort();
    this.layers.close();
  }

  showPicture(picture: Picture | null, turn: number): void {
    this.scene.picture = picture;
    this.scene.turn = turn;
    this.layers.redraw(0);
  }

  showShapes(shapes: readonly Drawn[], selected: string | null, ghosts: readonly Drawn[]): void {
    Object.assign(this.scene, { shapes, selected, ghosts });
    this.layers.redraw(1, 2);
  }

  /** The box that was drawn and waits for its category. */
  showDraft(draft: Drawn | null): void {
    this.scene.draft = draft;
    this.layers.redraw(2);
  }

  use(tool: Tool): void {
    this.scene.tool = tool;
    this.scene.hovered = null;
    this.hand.cursor();
    this.layers.redraw(1, 2);
  }

  /** Drop what is being dragged. Says whether there was something. */
  cancel(): boolean {
    return this.hand.cancel();
  }

  fit(): void {
    const { view, size } = this.scene;
    this.fitted = true;
    view.fit(size.width, size.height, this.layers.width, this.layers.height);
    this.viewChanged();
  }

  zoom(factor: number): void {
    this.zoomAt(factor, { x: this.layers.width / 2, y: this.layers.height / 2 });
  }

  private zoomAt(factor: number, at: Point): void {
    this.fitted = false;
    this.scene.view.zoom(factor, at);
    this.viewChanged();
  }

  private panned(): void {
    this.fitted = false;
    this.layers.redraw(0, 1);
  }

  private viewChanged(): void {
    this.layers.redraw(0, 1, 2);
    this.events.zoomed(this.scene.view.scale);
  }

  private resize(): void {
    const { layers } = this;
    const { clientWidth, clientHeight } = this.host;
    if (clientWidth === 0 || (clientWidth === layers.width && clientHeight === layers.height)) return;
    this.scene.view.pan((clientWidth - layers.width) / 2, (clientHeight - layers.height) / 2);
    layers.resize(clientWidth, clientHeight);
    if (this.fitted) this.fit();
    layers.repaint();
  }
}
