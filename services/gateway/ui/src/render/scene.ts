import type { FrameImage } from "../frames/messages";
import { carriedAlong } from "../shapes/registry";
import type { Geometry, Point, Size } from "../shapes/types";
import type { RenderShape } from "./render-shape";
import type { Viewport } from "./viewport";

/** A vertex that the current tool shows. */
export interface OverlayDot extends Point {
  /** Whether the next click applies to it. */
  active: boolean;
}

/** The shapes and points that the current tool paints over the objects. */
export interface Overlay {
  shapes: readonly RenderShape[];
  dots: readonly OverlayDot[];
  /** New geometry of objects while they are dragged. */
  dragged: ReadonlyMap<string, Geometry>;
  /** Whether selected shapes show their handles, and which one is active. */
  handles: boolean;
  activeHandle: number;
  hovered: string | null;
  /** The crosshair's point on the screen. */
  crosshair: Point | null;
}

export const NO_OVERLAY: Overlay = {
  shapes: [],
  dots: [],
  dragged: new Map(),
  handles: false,
  activeHandle: -1,
  hovered: null,
  crosshair: null,
};

/** The content of the canvas. */
export class Scene {
  image: FrameImage | null = null;
  /** Degrees by which the image is rotated before it is drawn. */
  rotation = 0;
  /** Whether enlarged pixels are interpolated. */
  smoothing = true;
  shapes: readonly RenderShape[] = [];
  ghosts: readonly RenderShape[] = [];
  draft: RenderShape | null = null;
  selected: ReadonlySet<string> = new Set();
  overlay: Overlay = NO_OVERLAY;

  constructor(
    readonly viewport: Viewport,
    readonly size: Size,
  ) {}

  /** The shapes that are not selected. */
  get resting(): RenderShape[] {
    return this.shapes.filter((shape) => !this.selected.has(shape.id));
  }

  /** The selected shapes, with the geometry to which they are dragged. */
  get active(): RenderShape[] {
    const { dragged } = this.overlay;
    return this.shapes
      .filter((shape) => this.selected.has(shape.id))
      .map((shape) => {
        const geometry = dragged.get(shape.id);
        if (!geometry) return shape;
        return { ...shape, geometry, keypoints: carriedAlong(shape.keypoints, shape.geometry, geometry), solid: true };
      });
  }

  get hovered(): RenderShape | undefined {
    const { hovered } = this.overlay;
    if (hovered === null || this.selected.has(hovered)) return undefined;
    return this.shapes.find((shape) => shape.id === hovered);
  }
}
