import type { Attributes, AttributeValue, Keyframe, ObjectState } from "../../api/labels";
import { moveKeypoints } from "../../shapes/keypoints";
import { movedBy } from "../../shapes/registry";
import type { Change, Create } from "../../api/edits";
import { shapeAt } from "./interpolation";
import { manualKeyframe } from "./labels";

export interface Owner {
  project: string;
  media: string;
  author: string;
}

/**
 * The object after `change`, as far as the browser can compute it: a change that needs more than this object and simple
 * arithmetic is shown once the service has responded. `before` is undefined for a create.
 */
export function apply(
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
      return { ...before, mission: change.mission ?? before.mission, category: change.category, type: change.type ?? null };
    case "set_attributes":
      if (typeof change.frame === "number") return withMutable(before, change.attributes, change.frame);
      return { ...before, attributes: withAttributes(before.attributes, change.attributes) };
    case "set_done":
      return { ...before, done: change.done };
    case "set_group":
      return { ...before, group: change.group ?? null };
    case "set_z_order":
      return { ...before, z_order: change.z_order };
    case "make_default":
      return { ...before, preferred_at: Date.now() / 1000 };
    case "move":
      return isOfAllFrames(change) ? { ...before, keyframes: before.keyframes.map((k) => moved(k, change.dx, change.dy)) } : before;
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

/** `keyframes` with the one on `keyframe.frame` added or replaced. */
function withKeyframe(keyframes: readonly Keyframe[], keyframe: Keyframe): Keyframe[] {
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

function isOfAllFrames(change: { first?: number | null; last?: number | null }): boolean {
  return typeof change.first !== "number" && typeof change.last !== "number";
}

function moved(keyframe: Keyframe, dx: number, dy: number): Keyframe {
  const keypoints = moveKeypoints(keyframe.keypoints, dx, dy);
  return { ...keyframe, geometry: movedBy(keyframe.geometry, dx, dy), keypoints };
}

/** Mutable attributes set from `frame` on: on the keyframe there, which is added if there is none. */
function withMutable(before: ObjectState, changes: Record<string, AttributeValue | null>, frame: number): ObjectState {
  const there = before.keyframes.find((k) => k.frame === frame);
  const shape = there ? null : shapeAt(before.keyframes, frame);
  const { occluded = false, keypoints = [], rpy = null } = shape ?? {};
  const keyframe = there ?? (shape && { ...manualKeyframe(frame, shape.geometry), occluded, keypoints, rpy });
  if (!keyframe) return before;
  const attributes = withAttributes(keyframe.attributes, changes);
  return { ...before, keyframes: withKeyframe(before.keyframes, { ...keyframe, attributes }) };
}

function created({ object, ...fields }: Create, owner: Owner): ObjectState {
  return {
    mission: fields.mission,
    category: fields.category,
    keyframes: fields.keyframes,
    id: object,
    project_id: owner.project,
    media_id: owner.media,
    author: owner.author,
    type: fields.type ?? null,
    attributes: fields.attributes ?? {},
    annotation_type: fields.keyframes[0]?.geometry.kind ?? "bbox",
    behaviors: fields.behaviors ?? [],
    source: fields.source ?? "manual",
    run_id: fields.run_id ?? null,
    model: fields.model ?? null,
    score: fields.score ?? null,
    group: fields.group ?? null,
    z_order: fields.z_order ?? 0,
    done: fields.done ?? false,
    preferred_at: null,
    deleted: false,
    revision: 0,
    created_at: null,
  };
}
