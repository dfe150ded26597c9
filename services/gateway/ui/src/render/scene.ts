import type { Geometry } from "../shapes/types";
import { carriedAlong } from "../shapes/bounds";
import type { Picture } from "../frames/messages";
import type { Drawn } from "./render-shape";
import { boxBetween, handleAt, type Point } from "../shapes/box-handles";
import { extent, hits } from "../shapes/hit";
import { View } from "./viewport";

export type Tool = "select" | "box";

export type Gesture =
  | { kind: "pan"; at: Point }
  | { kind: "draw"; from: Point; to: Point }
  | { kind: "move"; from: Point; was: Geometry; now: Geometry }
  | { kind: "resize"; handle: number; was: Geometry; now: Geometry };

const REACH = 8;
const HIT_MARGIN = 3;

/** What there is to be seen on the canvas, and what the pointer is doing to it. */
export class Scene {
  readonly view = new View();
  picture: Picture | null = null;
  /** Degrees by which the picture is turned before it is shown. */
  turn = 0;
  shapes: readonly Drawn[] = [];
  ghosts: readonly Drawn[] = [];
  draft: Drawn | null = null;
  selected: string | null = null;
  hovered: string | null = null;
  tool: Tool = "select";
  gesture: Gesture | null = null;
  pointer: Point | null = null;

  constructor(readonly size: { width: number; height: number }) {}

  get chosen(): Drawn | undefined {
    return this.shapes.find((shape) => shape.id === this.selected);
  }

  /** The selected shape, with what is being dragged. */
  get active(): Drawn | undefined {
    const { chosen, gesture } = this;
    if (!chosen || (gesture?.kind !== "move" && gesture?.kind !== "resize")) return chosen;
    const keypoints = carriedAlong(chosen.keypoints, gesture.was, gesture.now);
    return { ...chosen, geometry: gesture.now, keypoints, solid: true };
  }

  /** The shape under a point: the selected one first, then the smallest. */
  shapeAt(p: Point): Drawn | undefined {
    const margin = HIT_MARGIN / this.view.scale;
    let best: Drawn | undefined;
    let least = Infinity;
    for (const shape of this.shapes) {
      if (!hits(shape, p, margin)) continue;
      if (shape.id === this.selected) return shape;
      const size = extent(shape.geometry);
      if (!best || size < least) [best, least] = [shape, size];
    }
    return best;
  }

  /** The handle of the selected box under a point, -1 if there is none. */
  handleAt(p: Point): number {
    const { chosen } = this;
    if (!chosen || chosen.locked || chosen.geometry.kind !== "bbox") return -1;
    return handleAt(chosen.geometry, p, REACH / this.view.scale);
  }

  /** The box that is being drawn. */
  drawnBox(gesture: Extract<Gesture, { kind: "draw" }>): ReturnType<typeof boxBetween> {
    return boxBetween(gesture.from, gesture.to, this.size.width, this.size.height);
  }
}
