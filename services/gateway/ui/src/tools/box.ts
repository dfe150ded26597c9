import type { Editor, PointerInput, Tool, ToolState } from "../editor/api";
import { draftShape } from "../render/render-shape";
import { PALETTE } from "../render/palette";
import type { Overlay } from "../render/scene";
import { boxBetween } from "../shapes/bbox";
import type { Box, Point } from "../shapes/types";

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

class Ready implements ToolState {
  private pointer: Point | null = null;

  constructor(private readonly editor: Editor) {}

  enter(): void {
    this.editor.playback.pause();
    this.editor.selection.clear();
  }

  pointerDown({ point }: PointerInput): ToolState {
    return new Drawing(this.editor, point);
  }

  pointerMove({ screen }: PointerInput): void {
    this.pointer = screen;
  }

  pointerLeave(): void {
    this.pointer = null;
  }

  cursor(): string {
    return "crosshair";
  }

  overlay(): Partial<Overlay> {
    return { crosshair: this.pointer };
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
    editor.newObjects.propose(box);
    editor.toolbox.useFallback();
  }

  cancel(): ToolState {
    return new Ready(this.editor);
  }

  private get box(): Box {
    const { width, height } = this.editor.viewport.picture;
    return boxBetween(this.from, this.to, width, height);
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
