import { shapeAt } from "./interpolation";
import { manual, type Attributes, type AttributeValue, type Keyframe, type ObjectState } from "./labels";
import { keypointsMovedBy, movedBy } from "../../shapes/bounds";
import type { Change } from "./changes";

/** `keyframes` with the one on `keyframe.frame` set or replaced. */
export function withKeyframe(keyframes: readonly Keyframe[], keyframe: Keyframe): Keyframe[] {
  const others = keyframes.filter((k) => k.frame !== keyframe.frame);
  return [...others, keyframe].sort((a, b) => a.frame - b.frame);
}

function withAttributes(attributes: Attributes, changes: Record<string, AttributeValue | null>): Attributes {
  const merged: Attributes = { ...attributes };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete merged[name];
    else merged[name] = value;
  }
  return merged;
}

export interface Owner {
  project: string;
  media: string;
  author: string;
}

/**
 * The object as it is after `change`, as far as it can be told here: a change that takes more than this object and
 * simple arithmetic shows when the service has answered. `before` is undefined for a create.
 */
export function applied(
  before: ObjectState | undefined,
  change: Change,
  owner: Owner,
  snapshot?: ObjectState,
): ObjectState | undefined {
  if (change.verb === "create") return created(change, owner);
  if (change.verb === "restore") return snapshot ? { ...snapshot, deleted: false } : before && { ...before, deleted: false };
  return before && changed(before, change);
}

function changed(before: ObjectState, change: Change): ObjectState {
  switch (change.verb) {
    case "put_keyframe":
      return { ...before, keyframes: withKeyframe(before.keyframes, change.keyframe) };
    case "remove_keyframe":
      return { ...before, keyframes: before.keyframes.filter((k) => k.frame !== change.frame) };
    case "set_category":
      return { ...before, mission: change.mission ?? before.mission, category: change.category, type: change.type };
    case "set_attributes":
      if (typeof change.frame === "number") return withMutable(before, change.attributes, change.frame);
      return { ...before, attributes: withAttributes(before.attributes, change.attributes) };
    case "set_done":
      return { ...before, done: change.done };
    case "set_group":
      return { ...before, group: change.group };
    case "set_z_order":
      return { ...before, z_order: change.z_order };
    case "make_default":
      return { ...before, preferred_at: Date.now() / 1000 };
    case "move":
      return isWhole(change) ? { ...before, keyframes: before.keyframes.map((k) => moved(k, change.dx, change.dy)) } : before;
    case "shift":
      return { ...before, keyframes: before.keyframes.map((k) => ({ ...k, frame: k.frame + change.frames })) };
    case "put_behavior":
      return { ...before, behaviors: [...before.behaviors.filter((b) => b.id !== change.behavior.id), change.behavior] };
    case "remove_behavior":
      return { ...before, behaviors: before.behaviors.filter((b) => b.id !== change.behavior) };
    case "delete":
      return { ...before, deleted: true };
    default:
      return before;
  }
}

function isWhole(change: { first?: number | null; last?: number | null }): boolean {
  return typeof change.first !== "number" && typeof change.last !== "number";
}

function moved(keyframe: Keyframe, dx: number, dy: number): Keyframe {
  const keypoints = keypointsMovedBy(keyframe.keypoints, dx, dy);
  return { ...keyframe, geometry: movedBy(keyframe.geometry, dx, dy), keypoints };
}

/** Mutable attributes set from `frame` on: on the keyframe there, which is made where there is none. */
function withMutable(before: ObjectState, changes: Record<string, AttributeValue | null>, frame: number): ObjectState {
  const there = before.keyframes.find((k) => k.frame === frame);
  const shape = there ? null : shapeAt(before.keyframes, frame);
  const keyframe =
    there ?? (shape && { ...manual(frame, shape.geometry), occluded: shape.occluded, keypoints: shape.keypoints, rpy: shape.rpy });
  if (!keyframe) return before;
  const attributes = withAttributes(keyframe.attributes, changes);
  return { ...before, keyframes: withKeyframe(before.keyframes, { ...keyframe, attributes }) };
}

function created(change: Extract<Change, { verb: "create" }>, owner: Owner): ObjectState {
  return {
    id: change.object,
    project_id: owner.project,
    media_id: owner.media,
    mission: change.mission,
    category: change.category,
    type: change.type,
    attributes: change.attributes,
    annotation_type: change.keyframes[0]?.geometry.kind ?? "bbox",
    keyframes: change.keyframes,
    behaviors: change.behaviors ?? [],
    source: change.source ?? "manual",
    run_id: change.run_id ?? null,
    model: change.model ?? null,
    score: change.score ?? null,
    group: change.group ?? null,
    z_order: change.z_order ?? 0,
    done: change.done ?? false,
    preferred_at: null,
    deleted: false,
    revision: 0,
    author: owner.author,
    created_at: null,
  };
}
