import type { Box, Geometry } from "../shapes/types";
import { movedBy } from "../shapes/bounds";
import { cutToPicture, pushedInside, resized, type Point } from "../shapes/box-handles";
import type { Scene } from "../render/scene";

const SMALLEST_DRAWN = 4;
const CURSORS = ["nwse", "ns", "nesw", "ew", "nwse", "ns", "nesw", "ew"] as const;

export interface HandEvents {
  selected(id: string | null): void;
  changed(id: string, geometry: Geometry): void;
  drawn(box: Box): void;
  panned(): void;
  zoomed(factor: number, at: Point): void;
  /** Something that is drawn changed: what is at hand, or all shapes. */
  seen(what: "hand" | "all"): void;
}

/** The pointer on the canvas: what pressing, dragging and turning the wheel do. */
export class Hand {
  constructor(
    private readonly host: HTMLElement,
    private readonly scene: Scene,
    private readonly events: HandEvents,
    signal: AbortSignal,
  ) {
    const options = { signal };
    host.addEventListener("pointerdown", (event) => this.down(event), options);
    host.addEventListener("pointermove", (event) => this.move(event), options);
    host.addEventListener("pointerup", () => this.up(), options);
    host.addEventListener("pointercancel", () => this.cancel(), options);
    host.addEventListener("pointerleave", () => this.leave(), options);
    host.addEventListener("wheel", (event) => this.wheel(event), { ...options, passive: false });
  }

  /** Drop what is being dragged. Says whether there was something. */
  cancel(): boolean {
    const had = this.scene.gesture !== null;
    this.scene.gesture = null;
    this.events.seen("all");
    return had;
  }

  /** Show with the pointer what pressing does here. */
  cursor(p?: Point): void {
    this.host.style.cursor = this.cursorAt(p);
  }

  private at(event: PointerEvent | WheelEvent): Point {
    const bounds = this.host.getBoundingClientRect();
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
  }

  private down(event: PointerEvent): void {
    const { scene } = this;
    const at = this.at(event);
    const p = scene.view.toPicture(at);
    this.host.setPointerCapture(event.pointerId);
    if (event.button === 1 || (event.button === 0 && event.altKey)) {
      event.preventDefault();
      scene.gesture = { kind: "pan", at };
    } else if (event.button !== 0) return;
    else if (scene.tool === "box") scene.gesture = { kind: "draw", from: p, to: p };
    else this.grab(p);
    this.cursor();
    this.events.seen("hand");
  }

  private grab(p: Point): void {
    const { scene } = this;
    const handle = scene.handleAt(p);
    if (scene.chosen && handle >= 0) {
      const was = scene.chosen.geometry;
      scene.gesture = { kind: "resize", handle, was, now: was };
      return;
    }
    const hit = scene.shapeAt(p);
    if ((hit?.id ?? null) !== scene.selected) this.events.selected(hit?.id ?? null);
    if (hit && !hit.locked) scene.gesture = { kind: "move", from: p, was: hit.geometry, now: hit.geometry };
  }

  private move(event: PointerEvent): void {
    const { scene } = this;
    const at = this.at(event);
    scene.pointer = at;
    const p = scene.view.toPicture(at);
    const { gesture } = scene;
    if (!gesture) this.hover(p);
    else if (gesture.kind === "pan") {
      scene.view.pan(at.x - gesture.at.x, at.y - gesture.at.y);
      gesture.at = at;
      this.events.panned();
    } else this.drag(gesture, p);
    this.events.seen("hand");
  }

  private drag(gesture: Exclude<Scene["gesture"], null | { kind: "pan" }>, p: Point): void {
    const { width, height } = this.scene.size;
    if (gesture.kind === "draw") gesture.to = p;
    else if (gesture.kind === "move")
      gesture.now = pushedInside(movedBy(gesture.was, p.x - gesture.from.x, p.y - gesture.from.y), width, height);
    else if (gesture.was.kind === "bbox")
      gesture.now = cutToPicture(resized(gesture.was, gesture.handle, p), width, height);
  }

  private hover(p: Point): void {
    const { scene } = this;
    if (scene.tool === "select") scene.hovered = scene.shapeAt(p)?.id ?? null;
    this.cursor(p);
  }

  private leave(): void {
    this.scene.pointer = null;
    this.scene.hovered = null;
    this.events.seen("hand");
  }

  private up(): void {
    const { scene } = this;
    const { gesture } = scene;
    scene.gesture = null;
    this.cursor();
    if (gesture?.kind === "draw") this.finishDrawing(scene.drawnBox(gesture));
    const dragged = gesture?.kind === "move" || gesture?.kind === "resize";
    if (dragged && scene.selected && !same(gesture.was, gesture.now)) this.events.changed(scene.selected, gesture.now);
    this.events.seen("all");
  }

  private finishDrawing(box: Box): void {
    const smallest = SMALLEST_DRAWN / this.scene.view.scale;
    if (box.x2 - box.x1 >= smallest && box.y2 - box.y1 >= smallest) this.events.drawn(box);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    this.events.zoomed(Math.exp((-event.deltaY * lines) / 500), this.at(event));
  }

  private cursorAt(p?: Point): string {
    const { scene } = this;
    if (scene.gesture?.kind === "pan") return "grabbing";
    if (scene.tool === "box") return "crosshair";
    const handle = p ? scene.handleAt(p) : -1;
    if (handle >= 0) return `${CURSORS[handle]}-resize`;
    if (scene.gesture?.kind === "move") return "move";
    return scene.hovered ? (scene.hovered === scene.selected ? "move" : "pointer") : "default";
  }
}

function same(a: Geometry, b: Geometry): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
