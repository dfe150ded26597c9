import type { Angles, Box, Geometry, Keypoint } from "../shapes/types";

/** A shape as it is drawn on the frame that is looked at. */
export interface Drawn {
  id: string;
  geometry: Geometry;
  keypoints: readonly Keypoint[];
  rpy: Angles | null;
  /** Which named points of a skeleton lines join. */
  edges: readonly (readonly [string, string])[];
  /** Set by a person on this very frame. */
  solid: boolean;
  locked: boolean;
  color: string;
  tag: string;
}

/** A box that is no object: one that is being drawn, or waits for its category. */
export function loose(box: Box, color: string, tag: string): Drawn {
  return { ...ghost(box, color, tag), solid: true };
}

/** A version of a shape in a conflict. */
export function ghost(geometry: Geometry, color: string, tag: string): Drawn {
  return { id: "", geometry, keypoints: [], rpy: null, edges: [], solid: false, locked: true, color, tag };
}
