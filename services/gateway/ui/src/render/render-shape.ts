import type { Edges } from "../shapes/kind";
import type { Angles, Geometry, Keypoint } from "../shapes/types";

/** A shape to be painted on the visible frame. */
export interface RenderShape {
  id: string;
  geometry: Geometry;
  keypoints: readonly Keypoint[];
  rpy: Angles | null;
  edges: Edges;
  /** Whether the shape is a manual or imported keyframe; others are dashed. */
  solid: boolean;
  locked: boolean;
  /** `#rrggbb` */
  color: string;
  tag: string;
}

/** A version of an object in a conflict. */
export function ghost(geometry: Geometry, color: string, tag: string): RenderShape {
  return { id: "", geometry, keypoints: [], rpy: null, edges: [], solid: false, locked: true, color, tag };
}

/** A draft shape, without an object. */
export function draftShape(geometry: Geometry, color: string, tag: string): RenderShape {
  return { ...ghost(geometry, color, tag), solid: true };
}
