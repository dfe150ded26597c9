import type { Editor, PointerInput, Tool, ToolState } from "../editor/api";
import { draftShape } from "../render/render-shape";
import { PALETTE } from "../render/palette";
import type { Overlay } from "../render/scene";
import { boxBetween } from "../shapes/bbox";
import type { Box, Point } from "../shapes/types";
import { Crosshair } from "./crosshair";

const SMALLEST_SIDE_PX = 4;

/** Draws a box from corner to corner; it becomes an object with its category. */
export const box: Tool = {
  id: "box",
  label: "tool.box",
  icon: "M2.5 4.5h11v7h-11zM2.5 4.5h.01M13.5 4.5h.01M2.5 11.5h.01M13.5 11.5h.01",
  shortcuts: ["KeyN"],
  draws: "bbox",
  start: (editor) => new Ready(editor),
};

class Ready extends Crosshair {
  enter(): void {
    this.editor.playback.pause();
    this.editor.selection.clear();
  }

  pointerDown({ point }: PointerInput): ToolState {
    return new Drawing(this.editor, point);
  }
}

class Drawing implements ToolState {
  private to: Point;
  private pointer: Point | null = null;

  constructor(
    private readonly editor: Editor,
    private readonly from: Point,
  ) {
    this.to = from;
  }

  pointerMove({ point, screen }: PointerInput): void {
    this.to = point;
    this.pointer = screen;
  }

  pointerUp(): ToolState | void {
    const { editor, box } = this;
    const smallest = SMALLEST_SIDE_PX / editor.viewport.view.scale;
    if (box.x2 - box.x1 < smallest || box.y2 - box.y1 < smallest) return new Ready(editor);
    const asPrevious = editor.project.settings.use_previous_label;
    if (!asPrevious || !editor.newObjects.create(box)) editor.newObjects.propose(box);
    editor.toolbox.useFallback();
  }

  cancel(): ToolState {
    return new Ready(this.editor);
  }

  private get box(): Box {
    const { width, height } = this.editor.viewport.image;
    return boxBetween(this.from, atAspect(this.from, this.to, this.editor.project.settings.fixed_aspect), width, height);
  }

  cursor(): string {
    return "crosshair";
  }

  overlay(): Partial<Overlay> {
    const { box } = this;
    const size = `${Math.round(box.x2 - box.x1)} × ${Math.round(box.y2 - box.y1)}`;
    return { shapes: [draftShape(box, PALETTE.light, size)], crosshair: this.pointer };
  }
}

/** The corner opposite `from` of a box with this ratio of width to height, such as `4:3`, that is as wide as drawn. */
function atAspect(from: Point, to: Point, aspect: string | null): Point {
  if (!aspect) return to;
  const [width = 1, height = 1] = aspect.split(":").map(Number);
  const dy = (Math.abs(to.x - from.x) * height) / width;
  return { x: to.x, y: from.y + (to.y < from.y ? -dy : dy) };
}
