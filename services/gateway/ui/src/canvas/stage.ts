import type { Box } from "../core/labels";
import type { Picture } from "../frames/messages";
import { area, boxBetween, contains, cutToPicture, handleAt, moved, pushedInside, resized, type Point } from "./geometry";
import { onScreen, paintActive, paintCrosshair, paintGhost, paintShapes, type Drawn } from "./paint";
import { View } from "./view";

export type Tool = "select" | "box";

export interface Ghost {
  box: Box;
  color: string;
  name: string;
}

export interface StageEvents {
  selected(id: string | null): void;
  changed(id: string, box: Box): void;
  drawn(box: Box): void;
  zoomed(scale: number): void;
}

type Gesture =
  | { kind: "pan"; at: Point }
  | { kind: "draw"; from: Point; to: Point }
  | { kind: "move"; from: Point; box: Box; now: Box }
  | { kind: "resize"; handle: number; box: Box; now: Box };

const REACH = 8;
const SMALLEST_DRAWN = 4;
const CURSORS = ["nwse", "ns", "nesw", "ew", "nwse", "ns", "nesw", "ew"] as const;

/** The canvas: three layers (picture, shapes at rest, the shape at hand), pointer gestures, zoom and pan. */
export class Stage {
  readonly view = new View();
  private readonly layers: CanvasRenderingContext2D[];
  private picture: Picture | null = null;
  private turn = 0;
  private shapes: readonly Drawn[] = [];
  private ghosts: readonly Ghost[] = [];
  private selected: string | null = null;
  private hovered: string | null = null;
  private draft: Drawn | null = null;
  private tool: Tool = "select";
  private gesture: Gesture | null = null;
  private pointer: Point | null = null;
  private readonly dirty = [true, true, true];
  private scheduled = 0;
  private width = 0;
  private height = 0;
  /** Whether the whole picture is shown; it stays so when the window changes. */
  private fitted = true;
  private readonly observer: ResizeObserver;
  private readonly abort = new AbortController();

  constructor(
    private readonly host: HTMLElement,
    canvases: readonly HTMLCanvasElement[],
    private readonly size: { width: number; height: number },
    private readonly events: StageEvents,
  ) {
    this.layers = canvases.map((canvas, at) => canvas.getContext("2d", { alpha: at > 0 })!);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    this.resize();
    const options = { signal: this.abort.signal };
    host.addEventListener("pointerdown", (event) => this.down(event), options);
    host.addEventListener("pointermove", (event) => this.move(event), options);
    host.addEventListener("pointerup", () => this.up(), options);
    host.addEventListener("pointercancel", () => this.cancel(), options);
    host.addEventListener("pointerleave", () => this.leave(), options);
    host.addEventListener("wheel", (event) => this.wheel(event), { ...options, passive: false });
  }

  close(): void {
    this.observer.disconnect();
    this.abort.abort();
    cancelAnimationFrame(this.scheduled);
  }

  showPicture(picture: Picture | null, turn: number): void {
    this.picture = picture;
    this.turn = turn;
    this.redraw(0);
  }

  showShapes(shapes: readonly Drawn[], selected: string | null, ghosts: readonly Ghost[]): void {
    this.shapes = shapes;
    this.selected = selected;
    this.ghosts = ghosts;
    this.redraw(1, 2);
  }

  /** The box that was drawn and waits for its category. */
  showDraft(draft: Drawn | null): void {
    this.draft = draft;
    this.redraw(2);
  }

  use(tool: Tool): void {
    this.tool = tool;
    this.hovered = null;
    this.cursor();
    this.redraw(1, 2);
  }

  /** Drop what is being dragged. Says whether there was something. */
  cancel(): boolean {
    const had = this.gesture !== null;
    this.gesture = null;
    this.redraw(1, 2);
    return had;
  }

  fit(): void {
    this.fitted = true;
    this.view.fit(this.size.width, this.size.height, this.width, this.height);
    this.viewChanged();
  }

  zoom(factor: number): void {
    this.fitted = false;
    this.view.zoom(factor, { x: this.width / 2, y: this.height / 2 });
    this.viewChanged();
  }

  private viewChanged(): void {
    this.redraw(0, 1, 2);
    this.events.zoomed(this.view.scale);
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.host;
    if (clientWidth === 0 || (clientWidth === this.width && clientHeight === this.height)) return;
    const ratio = window.devicePixelRatio || 1;
    this.view.pan((clientWidth - this.width) / 2, (clientHeight - this.height) / 2);
    this.width = clientWidth;
    this.height = clientHeight;
    for (const { canvas } of this.layers) {
      canvas.width = Math.round(clientWidth * ratio);
      canvas.height = Math.round(clientHeight * ratio);
    }
    if (this.fitted) this.fit();
    // A cleared canvas must not be seen empty.
    this.dirty.fill(true);
    this.paint();
  }

  private redraw(...layers: number[]): void {
    for (const layer of layers) this.dirty[layer] = true;
    this.scheduled ||= requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    this.scheduled = 0;
    const ratio = window.devicePixelRatio || 1;
    this.layers.forEach((context, at) => {
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
    const { view, size } = this;
    const [w, h] = [size.width * view.scale, size.height * view.scale];
    if (!this.picture) {
      context.fillStyle = "#161d26";
      context.fillRect(view.x, view.y, w, h);
      return;
    }
    // Single pixels are shown as such when they are large.
    context.imageSmoothingEnabled = view.scale < 3;
    if (this.turn === 0) {
      const [pw, ph] = sizeOf(this.picture);
      // Video is padded to even sides: what is beyond the picture is not shown.
      const [sw, sh] = [pw - size.width === 1 ? size.width : pw, ph - size.height === 1 ? size.height : ph];
      context.drawImage(this.picture, 0, 0, sw, sh, view.x, view.y, w, h);
      return;
    }
    const lying = this.turn % 180 !== 0;
    context.translate(view.x + w / 2, view.y + h / 2);
    context.rotate((this.turn * Math.PI) / 180);
    const [pw, ph] = lying ? [h, w] : [w, h];
    context.drawImage(this.picture, -pw / 2, -ph / 2, pw, ph);
  }

  private paintResting(context: CanvasRenderingContext2D): void {
    const resting = this.shapes.filter((shape) => shape.id !== this.selected);
    paintShapes(context, onScreen(resting, this.view, this.width, this.height), this.view);
  }

  private paintLive(context: CanvasRenderingContext2D): void {
    const active = this.active();
    const hovered = this.shapes.find((s) => s.id === this.hovered && s.id !== this.selected);
    if (hovered) paintActive(context, hovered, this.view, false);
    for (const ghost of this.ghosts) paintGhost(context, ghost.box, ghost.color, ghost.name, this.view);
    if (active) paintActive(context, active, this.view, !active.locked && this.tool === "select");
    const { gesture, pointer } = this;
    if (gesture?.kind === "draw") {
      const box = boxBetween(gesture.from, gesture.to, this.size.width, this.size.height);
      const size = `${Math.round(box.x2 - box.x1)} × ${Math.round(box.y2 - box.y1)}`;
      const drawn = { id: "", box, key: true, occluded: false, locked: true, color: "#ffffff", tag: size };
      paintActive(context, drawn, this.view, false);
    } else if (this.draft) paintActive(context, this.draft, this.view, false);
    if (this.tool === "box" && pointer && gesture?.kind !== "pan")
      paintCrosshair(context, pointer.x, pointer.y, this.width, this.height);
  }

  /** The selected shape, with what is being dragged. */
  private active(): Drawn | undefined {
    const shape = this.shapes.find((s) => s.id === this.selected);
    const { gesture } = this;
    if (!shape || (gesture?.kind !== "move" && gesture?.kind !== "resize")) return shape;
    return { ...shape, box: gesture.now, key: true };
  }

  private at(event: PointerEvent | WheelEvent): Point {
    const bounds = this.host.getBoundingClientRect();
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
  }

  private down(event: PointerEvent): void {
    const at = this.at(event);
    const p = this.view.toPicture(at);
    this.host.setPointerCapture(event.pointerId);
    if (event.button === 1 || (event.button === 0 && event.altKey)) {
      event.preventDefault();
      this.gesture = { kind: "pan", at };
    } else if (event.button !== 0) return;
    else if (this.tool === "box") this.gesture = { kind: "draw", from: p, to: p };
    else this.grab(p);
    this.cursor();
    this.redraw(2);
  }

  private grab(p: Point): void {
    const active = this.shapes.find((s) => s.id === this.selected);
    const handle = active && !active.locked ? handleAt(active.box, p, REACH / this.view.scale) : -1;
    if (active && handle >= 0) {
      this.gesture = { kind: "resize", handle, box: active.box, now: active.box };
      return;
    }
    const hit = this.shapeAt(p);
    if ((hit?.id ?? null) !== this.selected) this.events.selected(hit?.id ?? null);
    if (hit && !hit.locked) this.gesture = { kind: "move", from: p, box: hit.box, now: hit.box };
  }

  /** The shape under a point: the selected one first, then the smallest. */
  private shapeAt(p: Point): Drawn | undefined {
    const margin = 3 / this.view.scale;
    let best: Drawn | undefined;
    for (const shape of this.shapes) {
      if (!contains(shape.box, p, margin)) continue;
      if (shape.id === this.selected) return shape;
      if (!best || area(shape.box) < area(best.box)) best = shape;
    }
    return best;
  }

  private move(event: PointerEvent): void {
    const at = this.at(event);
    this.pointer = at;
    const p = this.view.toPicture(at);
    const { gesture } = this;
    const { width, height } = this.size;
    if (!gesture) this.hover(p);
    else if (gesture.kind === "pan") {
      this.fitted = false;
      this.view.pan(at.x - gesture.at.x, at.y - gesture.at.y);
      gesture.at = at;
      this.redraw(0, 1);
    } else if (gesture.kind === "draw") gesture.to = p;
    else if (gesture.kind === "move")
      gesture.now = pushedInside(moved(gesture.box, p.x - gesture.from.x, p.y - gesture.from.y), width, height);
    else gesture.now = cutToPicture(resized(gesture.box, gesture.handle, p), width, height);
    this.redraw(2);
  }

  private hover(p: Point): void {
    if (this.tool === "select") this.hovered = this.shapeAt(p)?.id ?? null;
    this.cursor(p);
  }

  private leave(): void {
    this.pointer = null;
    this.hovered = null;
    this.redraw(2);
  }

  private up(): void {
    const { gesture } = this;
    this.gesture = null;
    this.cursor();
    if (gesture?.kind === "draw") this.finishDrawing(gesture.from, gesture.to);
    if ((gesture?.kind === "move" || gesture?.kind === "resize") && this.selected && !same(gesture.box, gesture.now))
      this.events.changed(this.selected, gesture.now);
    this.redraw(1, 2);
  }

  private finishDrawing(from: Point, to: Point): void {
    const box = boxBetween(from, to, this.size.width, this.size.height);
    const smallest = SMALLEST_DRAWN / this.view.scale;
    if (box.x2 - box.x1 >= smallest && box.y2 - box.y1 >= smallest) this.events.drawn(box);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    this.fitted = false;
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    this.view.zoom(Math.exp((-event.deltaY * lines) / 500), this.at(event));
    this.viewChanged();
  }

  private cursor(p?: Point): void {
    this.host.style.cursor = this.cursorAt(p);
  }

  private cursorAt(p?: Point): string {
    if (this.gesture?.kind === "pan") return "grabbing";
    if (this.tool === "box") return "crosshair";
    const active = this.shapes.find((s) => s.id === this.selected);
    const handle = p && active && !active.locked ? handleAt(active.box, p, REACH / this.view.scale) : -1;
    if (handle >= 0) return `${CURSORS[handle]}-resize`;
    if (this.gesture?.kind === "move") return "move";
    return this.hovered ? (this.hovered === this.selected ? "move" : "pointer") : "default";
  }
}

function sizeOf(picture: Picture): [number, number] {
  return "displayWidth" in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height];
}

function same(a: Box, b: Box): boolean {
  return a.x1 === b.x1 && a.y1 === b.y1 && a.x2 === b.x2 && a.y2 === b.y2;
}
