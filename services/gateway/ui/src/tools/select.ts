import type { Editor, PointerInput, Tool, ToolState } from "../editor/api";
import { t } from "../i18n/index.svelte";
import type { Overlay } from "../render/scene";
import type { RenderShape } from "../render/render-shape";
import { distance } from "../shapes/plane";
import { handleAt, handlesOf, insertionAt, isValid, movedBy, pushedInside, withHandleAt, withoutHandle } from "../shapes/registry";
import type { Geometry, Point } from "../shapes/types";
import { toast } from "../toasts.svelte";

const HANDLE_REACH_PX = 8;
const EDGE_REACH_PX = 6;
/** The distance at which a press becomes a drag, so that an unsteady click moves nothing. */
const DRAG_FROM_PX = 4;

/** Selects objects, moves them, and drags the handles and vertices of the selected one. */
export const select: Tool = {
  id: "select",
  label: "tool.select",
  icon: "M3 2.5v9.2l2.5-2.3 1.8 4 1.7-.8-1.8-3.9h3.4z",
  shortcuts: [],
  start: (editor) => new Idle(editor),
};

/** The selected shape, if it is exactly one that is visible and not locked. */
function editableShape(editor: Editor): RenderShape | undefined {
  const { only } = editor.selection;
  if (only === null) return undefined;
  return editor.objects.visible.find((shape) => shape.id === only && !shape.locked);
}

class Idle implements ToolState {
  private pointer: Point | null = null;
  private hovered: string | null = null;

  /** `vertex` is the handle that was clicked last; it belongs to `of`. */
  constructor(
    private readonly editor: Editor,
    private readonly vertex = -1,
    private readonly of: string | null = null,
  ) {}

  get context(): "vertices" | undefined {
    return this.activeVertex >= 0 ? "vertices" : undefined;
  }

  pointerDown(input: PointerInput): ToolState | void {
    const { editor } = this;
    const shape = editableShape(editor);
    if (shape) {
      const handle = this.handleAt(shape, input.point);
      if (handle >= 0) return new DraggingHandle(editor, shape, shape.geometry, handle, input.screen);
      const insertion = insertionAt(shape.geometry, input.point, this.px(EDGE_REACH_PX));
      if (insertion) return new DraggingHandle(editor, shape, insertion.shape, insertion.handle, input.screen);
    }
    return this.press(input);
  }

  private press(input: PointerInput): ToolState | void {
    const { selection, objects } = this.editor;
    const hit = objects.at(input.point);
    if (input.shift) {
      if (hit) selection.toggle(hit.id);
      return new Idle(this.editor);
    }
    if (!hit) selection.clear();
    else if (!selection.has(hit.id)) selection.replace(hit.id);
    return hit && !hit.locked ? new Pressing(this.editor, input) : new Idle(this.editor);
  }

  pointerMove({ point }: PointerInput): void {
    this.pointer = point;
    this.hovered = this.editor.objects.at(point)?.id ?? null;
  }

  pointerLeave(): void {
    this.pointer = this.hovered = null;
  }

  /** A right click on a vertex removes it. */
  contextMenu({ point }: PointerInput): ToolState | void {
    const shape = editableShape(this.editor);
    const handle = shape ? this.handleAt(shape, point) : -1;
    return shape && handle >= 0 ? this.remove(shape, handle) : undefined;
  }

  key(key: string): ToolState | void {
    const shape = editableShape(this.editor);
    return key === "remove" && shape ? this.remove(shape, this.activeVertex) : undefined;
  }

  cancel(): ToolState | undefined {
    return this.activeVertex >= 0 ? new Idle(this.editor) : undefined;
  }

  private remove(shape: RenderShape, handle: number): ToolState | void {
    if (!handlesOf(shape.geometry)[handle]?.vertex) return;
    const left = withoutHandle(shape.geometry, handle);
    if (!left) toast(t("polygon.too-few"), "bad", 4);
    else reshape(this.editor, new Map([[shape.id, left]]));
    return new Idle(this.editor);
  }

  private get activeVertex(): number {
    const shape = this.of !== null && this.editor.selection.only === this.of ? editableShape(this.editor) : undefined;
    return shape && handlesOf(shape.geometry)[this.vertex]?.vertex ? this.vertex : -1;
  }

  private handleAt(shape: RenderShape, point: Point): number {
    return handleAt(shape.geometry, point, this.px(HANDLE_REACH_PX));
  }

  private px(length: number): number {
    return length / this.editor.viewport.view.scale;
  }

  cursor(): string {
    const shape = editableShape(this.editor);
    if (shape && this.pointer) {
      const handle = this.handleAt(shape, this.pointer);
      if (handle >= 0) return handlesOf(shape.geometry)[handle]!.cursor;
      if (insertionAt(shape.geometry, this.pointer, this.px(EDGE_REACH_PX))) return "copy";
    }
    if (this.hovered === null) return "default";
    return this.editor.selection.has(this.hovered) ? "move" : "pointer";
  }

  overlay(): Partial<Overlay> {
    const shape = editableShape(this.editor);
    const overHandle = shape && this.pointer && this.handleAt(shape, this.pointer) >= 0;
    const insertion =
      shape && this.pointer && !overHandle ? insertionAt(shape.geometry, this.pointer, this.px(EDGE_REACH_PX)) : null;
    const dots = insertion ? [{ ...insertion.at, active: true }] : [];
    return { handles: true, activeHandle: this.activeVertex, hovered: this.hovered, dots };
  }
}

/** The pointer is down on an object or a handle. */
abstract class Grabbing implements ToolState {
  constructor(protected readonly editor: Editor) {}

  cancel(): ToolState {
    return new Idle(this.editor);
  }

  cursor(): string {
    return "move";
  }

  abstract overlay(): Partial<Overlay>;
}

/** Pointer down on an object, not yet a drag. */
class Pressing extends Grabbing {
  constructor(
    editor: Editor,
    private readonly from: PointerInput,
  ) {
    super(editor);
  }

  pointerMove(input: PointerInput): ToolState | void {
    if (distance(input.screen, this.from.screen) <= DRAG_FROM_PX) return;
    const moving = new Moving(this.editor, this.from.point);
    moving.pointerMove(input);
    return moving;
  }

  pointerUp(): ToolState {
    return new Idle(this.editor);
  }

  overlay(): Partial<Overlay> {
    return { handles: true };
  }
}

/** The selected objects follow the pointer. */
class Moving extends Grabbing {
  private dragged = new Map<string, Geometry>();

  constructor(
    editor: Editor,
    private readonly from: Point,
  ) {
    super(editor);
  }

  pointerMove({ point }: PointerInput): void {
    const { objects, selection, viewport } = this.editor;
    const [dx, dy] = [point.x - this.from.x, point.y - this.from.y];
    const moving = objects.visible.filter((shape) => selection.has(shape.id) && !shape.locked);
    this.dragged = new Map(
      moving.map(({ id, geometry }) => [id, pushedInside(movedBy(geometry, dx, dy), viewport.image)]),
    );
  }

  pointerUp(): ToolState {
    reshape(this.editor, this.dragged);
    return new Idle(this.editor);
  }

  overlay(): Partial<Overlay> {
    return { handles: true, dragged: this.dragged };
  }
}

/** A handle follows the pointer: an edge or corner of a box, or a vertex, which may have been inserted by the press. */
class DraggingHandle extends Grabbing {
  private current: Geometry;
  private dragging = false;

  constructor(
    editor: Editor,
    private readonly shape: RenderShape,
    private readonly start: Geometry,
    private readonly handle: number,
    private readonly from: Point,
  ) {
    super(editor);
    this.current = start;
  }

  pointerMove({ point, screen }: PointerInput): void {
    this.dragging ||= distance(screen, this.from) > DRAG_FROM_PX;
    if (this.dragging) this.current = withHandleAt(this.start, this.handle, point, this.editor.viewport.image);
  }

  pointerUp(): ToolState {
    reshape(this.editor, new Map([[this.shape.id, this.current]]));
    return new Idle(this.editor, this.handle, this.shape.id);
  }

  override cursor(): string {
    return handlesOf(this.start)[this.handle]?.cursor ?? "default";
  }

  overlay(): Partial<Overlay> {
    return { handles: true, activeHandle: this.handle, dragged: new Map([[this.shape.id, this.current]]) };
  }
}

/** Apply the changed shapes; invalid ones are discarded. */
function reshape(editor: Editor, shapes: ReadonlyMap<string, Geometry>): void {
  const before = new Map(editor.objects.visible.map(({ id, geometry }) => [id, geometry]));
  const changed = [...shapes].filter(([id, geometry]) => !isSame(before.get(id), geometry));
  const valid = changed.filter(([, geometry]) => isValid(geometry));
  if (valid.length < changed.length) toast(t("polygon.crosses"), "bad", 4);
  if (valid.length > 0) editor.edits.reshape(new Map(valid));
}

function isSame(a: Geometry | undefined, b: Geometry): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
