import type { Command, Editor, PointerInput, Tool, ToolKey, ToolState } from "../editor/api";
import { t } from "../i18n/index.svelte";
import { PALETTE } from "../render/palette";
import { draftShape } from "../render/render-shape";
import type { Overlay } from "../render/scene";
import { clampedTo, distance } from "../shapes/plane";
import { FEWEST_POINTS, polygonOf, withHole, withPart } from "../shapes/polygon";
import { isSimple } from "../shapes/simple";
import type { Geometry, Pair, Point, Polygon } from "../shapes/types";
import { toast } from "../toasts.svelte";
import { Crosshair } from "./crosshair";

const CLOSE_REACH_PX = 8;
/** The two clicks of a double click are this close to each other. */
const SAME_POINT_PX = 3;

/** Draws a ring point by point: a new object, or a part or hole of the selected polygon. */
export const polygon: Tool = {
  id: "polygon",
  label: "tool.polygon",
  icon: "M8 2.2 13.6 6.4 11.4 13H4.6L2.4 6.4z",
  shortcuts: ["KeyP"],
  draws: "polygon",
  commands: [
    addTo("part", "polygon.add-part", "Shift+KeyP", "M2 3h6v5H2zM11.5 8.5v6M8.5 11.5h6"),
    addTo("hole", "polygon.cut-hole", "Shift+KeyH", "M2 2.5h12v11H2zM5.5 6h5v4h-5z"),
  ],
  start: (editor, mode) => new Ready(editor, (mode && PURPOSES[mode]?.(editor)) || newObject(editor)),
};

/** The result of a closed ring. */
interface Purpose {
  /** Whether the ring is valid. */
  finish(outline: Pair[]): boolean;
  color: string;
  /** Whether the ring belongs to the selected object. */
  ofSelected: boolean;
}

function newObject(editor: Editor): Purpose {
  return {
    finish: (outline) => editor.newObjects.create(polygonOf(outline)),
    get color() {
      return editor.newObjects.colorOf("polygon") ?? PALETTE.unclassified;
    },
    ofSelected: false,
  };
}

const PURPOSES: Record<string, (editor: Editor) => Purpose | undefined> = {
  part: (editor) => changeOf(editor, withPart),
  hole: (editor) => changeOf(editor, withHole),
};

/** The selected object, if it is a polygon that may be changed on this frame. */
function selectedPolygon(editor: Editor): { id: string; shape: Polygon; color: string } | undefined {
  const id = editor.selection.only;
  const shape = editor.objects.visible.find((shape) => shape.id === id && !shape.locked);
  return shape?.geometry.kind === "polygon" ? { id: shape.id, shape: shape.geometry, color: shape.color } : undefined;
}

function changeOf(editor: Editor, change: (shape: Polygon, outline: Pair[]) => Polygon | null): Purpose | undefined {
  const selected = selectedPolygon(editor);
  if (!selected) return undefined;
  const finish = (outline: Pair[]): boolean => {
    const changed = change(selectedPolygon(editor)?.shape ?? selected.shape, outline);
    if (!changed) return refuse("polygon.hole-outside");
    editor.edits.reshape(new Map<string, Geometry>([[selected.id, changed]]));
    editor.toolbox.useFallback();
    return true;
  };
  return { finish, color: selected.color, ofSelected: true };
}

function addTo(mode: string, label: "polygon.add-part" | "polygon.cut-hole", shortcut: string, icon: string): Command {
  return {
    id: label,
    label,
    icon,
    group: "shapes",
    context: "editor",
    shortcuts: [shortcut],
    enabled: (editor) => selectedPolygon(editor) !== undefined,
    run: ({ toolbox }) => toolbox.use("polygon", mode),
  };
}

/** Before the first point. */
class Ready extends Crosshair {
  constructor(
    editor: Editor,
    private readonly purpose: Purpose,
    /** The last point of the previous ring, whose object is selected. */
    private closedAt: Point | null = null,
  ) {
    super(editor);
  }

  enter(): void {
    this.editor.playback.pause();
    if (!this.closedAt && !this.purpose.ofSelected) this.editor.selection.clear();
  }

  pointerDown({ point, screen }: PointerInput): ToolState | void {
    // The second press of a double click on the first point.
    if (this.closedAt && distance(this.closedAt, screen) <= SAME_POINT_PX) return;
    if (!this.purpose.ofSelected) this.editor.selection.clear();
    return new Drawing(this.editor, this.purpose, [placed(this.editor, point)], screen);
  }

  override pointerMove(input: PointerInput): void {
    super.pointerMove(input);
    if (this.closedAt && distance(this.closedAt, input.screen) > SAME_POINT_PX) this.closedAt = null;
  }
}

/** A ring with at least one point; the next one follows the pointer. */
class Drawing implements ToolState {
  readonly context = "drawing";
  private next: Pair;

  constructor(
    private readonly editor: Editor,
    private readonly purpose: Purpose,
    private readonly points: Pair[],
    private pointer: Point,
  ) {
    this.next = points.at(-1)!;
  }

  pointerDown(input: PointerInput): ToolState | void {
    this.pointerMove(input);
    if (this.isAtFirst) return this.finish();
    if (!this.isNear(this.points.at(-1)!, SAME_POINT_PX)) this.points.push(this.next);
  }

  pointerMove({ point, screen }: PointerInput): void {
    this.pointer = screen;
    this.next = placed(this.editor, point);
  }

  doubleClick(): ToolState | void {
    return this.finish();
  }

  contextMenu(): ToolState | void {
    return this.removeLast();
  }

  key(key: ToolKey): ToolState | void {
    return key === "finish" ? this.finish() : this.removeLast();
  }

  cancel(): ToolState {
    return new Ready(this.editor, this.purpose);
  }

  private finish(): ToolState | void {
    const { editor, purpose, points } = this;
    if (points.length < FEWEST_POINTS) return void refuse("polygon.too-few");
    if (!isSimple(points)) return void refuse("polygon.crosses");
    if (purpose.finish(points)) return new Ready(editor, purpose, this.pointer);
  }

  private removeLast(): ToolState | void {
    if (this.points.length === 1) return new Ready(this.editor, this.purpose);
    this.points.pop();
  }

  /** Whether a click closes the ring. */
  private get isAtFirst(): boolean {
    return this.points.length >= FEWEST_POINTS && this.isNear(this.points[0]!, CLOSE_REACH_PX);
  }

  private isNear([x, y]: Pair, reach: number): boolean {
    return distance(this.editor.viewport.view.toScreen({ x, y }), this.pointer) <= reach;
  }

  cursor(): string {
    return this.isAtFirst ? "pointer" : "crosshair";
  }

  overlay(): Partial<Overlay> {
    const { points, purpose, isAtFirst } = this;
    const outline = isAtFirst ? points : [...points, this.next];
    const geometry: Geometry = outline.length < FEWEST_POINTS ? { kind: "polyline", points: outline } : polygonOf(outline);
    const dots = points.map(([x, y], at) => ({ x, y, active: at === 0 && isAtFirst }));
    return { shapes: [draftShape(geometry, purpose.color, "")], dots, crosshair: isAtFirst ? null : this.pointer };
  }
}

/** A point within the image. */
function placed(editor: Editor, point: Point): Pair {
  const { x, y } = clampedTo(editor.viewport.image, point);
  return [x, y];
}

function refuse(reason: "polygon.too-few" | "polygon.crosses" | "polygon.hole-outside"): false {
  toast(t(reason), "bad", 4);
  return false;
}
