/** Labels as they travel: objects and their keyframes. Frames are 0-based over the medium. */
import type { Angles, AnnotationType, Geometry, Keypoint } from "../../shapes/types";

export type Source = "manual" | "quick" | "interpolated" | "model" | "import";
export type AttributeValue = string | boolean | number;
export type Attributes = Record<string, AttributeValue>;

/** `attributes` are the mutable ones: each holds from here until a later keyframe names it. */
export interface Keyframe {
  frame: number;
  geometry: Geometry;
  outside: boolean;
  occluded: boolean;
  source: Source;
  score: number | null;
  attributes: Attributes;
  keypoints: Keypoint[];
  rpy: Angles | null;
}

/** What an object does on frames first…last: the id of a behaviour type as `name`, and one of its attributes. */
export interface Behavior {
  id: string;
  name: string;
  attribute: string | null;
  first: number;
  last: number;
}

/** `mission`, `category`, `type` and the keys of `attributes` are ids; missions know the names. */
export interface ObjectState {
  id: string;
  project_id: string;
  media_id: string;
  mission: string;
  category: string;
  type: string | null;
  attributes: Attributes;
  annotation_type: AnnotationType;
  keyframes: Keyframe[];
  behaviors: Behavior[];
  source: Source;
  run_id: string | null;
  model: string | null;
  score: number | null;
  group: string | null;
  z_order: number;
  done: boolean;
  /** When a label of the whole medium was last made its default. */
  preferred_at: number | null;
  deleted: boolean;
  revision: number;
  author: string;
  created_at: number | null;
}

/** A keyframe that a person sets. */
export function manual(frame: number, geometry: Geometry): Keyframe {
  const unset = { score: null, attributes: {}, keypoints: [], rpy: null };
  return { frame, geometry, outside: false, occluded: false, source: "manual", ...unset };
}

/** Whether a keyframe is a person's (or was imported): no program replaces it. */
export function isSolid(keyframe: Keyframe): boolean {
  return keyframe.source === "manual" || keyframe.source === "import";
}

/** Orders objects by where they are seen first, then by their age. */
export function byFirstSeen(a: ObjectState, b: ObjectState): number {
  const first = (a.keyframes[0]?.frame ?? 0) - (b.keyframes[0]?.frame ?? 0);
  return first || (a.created_at ?? Infinity) - (b.created_at ?? Infinity) || (a.id < b.id ? -1 : 1);
}

/** The default among the labels of a medium: the one preferred last; ties go to the smallest id. */
export function defaultLabel(labels: readonly ObjectState[]): ObjectState | undefined {
  let best: ObjectState | undefined;
  for (const label of labels) {
    const more = (label.preferred_at ?? 0) - (best?.preferred_at ?? 0);
    if (!best || more > 0 || (more === 0 && label.id < best.id)) best = label;
  }
  return best;
}
