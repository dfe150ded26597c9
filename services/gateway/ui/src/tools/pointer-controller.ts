import type { Editor, PointerEventName, PointerInput } from "../editor/api";
import type { Point } from "../shapes/types";

const PRIMARY = 0;
const MIDDLE = 1;
const LINE_PX = 16;
const ZOOM_PX = 500;

/** Turns pointer events of the canvas into panning, zooming and events of the current tool. */
export class PointerController {
  private panning: Point | null = null;

  constructor(
    private readonly host: HTMLElement,
    private readonly editor: Editor,
    signal: AbortSignal,
  ) {
    const options = { signal };
    host.addEventListener("pointerdown", (event) => this.pointerDown(event), options);
    host.addEventListener("pointermove", (event) => this.pointerMove(event), options);
    host.addEventListener("pointerup", (event) => this.pointerUp(event), options);
    host.addEventListener("pointercancel", () => this.pointerCancel(), options);
    host.addEventListener("pointerleave", () => editor.toolbox.pointerLeft(), options);
    host.addEventListener("dblclick", (event) => this.dispatch("doubleClick", event), options);
    host.addEventListener("contextmenu", (event) => this.contextMenu(event), options);
    host.addEventListener("wheel", (event) => this.wheel(event), { ...options, passive: false });
  }

  showCursor(): void {
    this.host.style.cursor = this.panning ? "grabbing" : this.editor.toolbox.cursor;
  }

  private pointerDown(event: PointerEvent): void {
    const isPan = event.button === MIDDLE || (event.button === PRIMARY && event.altKey);
    if (!isPan && event.button !== PRIMARY) return;
    this.host.setPointerCapture(event.pointerId);
    if (isPan) {
      event.preventDefault();
      this.panning = this.screenPoint(event);
      this.showCursor();
    } else this.dispatch("pointerDown", event);
  }

  private pointerMove(event: PointerEvent): void {
    if (!this.panning) return void this.dispatch("pointerMove", event);
    const at = this.screenPoint(event);
    this.editor.viewport.pan(at.x - this.panning.x, at.y - this.panning.y);
    this.panning = at;
  }

  private pointerUp(event: PointerEvent): void {
    if (this.panning) {
      this.panning = null;
      this.showCursor();
    } else if (event.button === PRIMARY) this.dispatch("pointerUp", event);
  }

  private pointerCancel(): void {
    this.panning = null;
    this.editor.toolbox.cancel();
  }

  private contextMenu(event: MouseEvent): void {
    if (this.dispatch("contextMenu", event)) event.preventDefault();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    this.editor.viewport.zoomBy(Math.exp((-event.deltaY * lines) / ZOOM_PX), this.screenPoint(event));
  }

  private dispatch(name: PointerEventName, event: MouseEvent): boolean {
    const screen = this.screenPoint(event);
    const input: PointerInput = { screen, point: this.editor.viewport.view.toImage(screen), shift: event.shiftKey };
    return this.editor.toolbox.dispatch(name, input);
  }

  private screenPoint(event: MouseEvent): Point {
    const bounds = this.host.getBoundingClientRect();
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
  }
}
