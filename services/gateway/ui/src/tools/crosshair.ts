import type { Editor, PointerInput, ToolState } from "../editor/api";
import type { Overlay } from "../render/scene";
import type { Point } from "../shapes/types";

/** The state of a drawing tool before the first point: a crosshair follows the pointer. */
export abstract class Crosshair implements ToolState {
  private pointer: Point | null = null;

  constructor(protected readonly editor: Editor) {}

  abstract pointerDown(input: PointerInput): ToolState | void;

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
