import type { Attributes, AttributeValue, ObjectState } from "../../api/labels";
import type { Change } from "../../api/edits";

/**
 * The change that undoes `change`, given the object before it. Where the browser cannot compute that, the service reverts
 * the edit `id` once its result is known.
 */
export function inverse(before: ObjectState | undefined, change: Change, id: string): Change {
  const { object } = change;
  if (change.verb === "create" || change.verb === "restore") return { verb: "delete", object };
  if (!before) throw new Error(`object ${object} does not exist, so ${change.verb} cannot be undone`);
  switch (change.verb) {
    case "put_keyframe":
      return keyframeOf(before, change.keyframe.frame);
    case "remove_keyframe":
      return keyframeOf(before, change.frame);
    case "set_category":
      return { verb: "set_category", object, mission: before.mission, category: before.category, type: before.type };
    case "set_attributes":
      if (typeof change.frame === "number") return mutableOf(before, change.attributes, change.frame);
      return { verb: "set_attributes", object, attributes: valuesOf(before.attributes, change.attributes) };
    case "set_done":
      return { verb: "set_done", object, done: before.done };
    case "set_group":
      return { verb: "set_group", object, group: before.group };
    case "set_z_order":
      return { verb: "set_z_order", object, z_order: before.z_order };
    case "put_behavior":
    case "remove_behavior":
      return behaviorOf(before, change.verb === "put_behavior" ? change.behavior.id : change.behavior);
    case "delete":
      return { verb: "restore", object, revision: null };
    default:
      return { verb: "revert", object, revision: null, of: id };
  }
}

/** A revert with the revision of the edit it undoes, if the result of that edit is known. */
export function withRevision(change: Change, revisionOf: ReadonlyMap<string, number>): Change {
  if (change.verb !== "revert" || !change.of) return change;
  return { verb: "revert", object: change.object, revision: revisionOf.get(change.of) ?? null };
}

/** Whether a change on the undo stack still applies to the object `now`, which others may have changed. */
export function stillApplies(change: Change, now: ObjectState | undefined): boolean {
  if (change.verb === "create" || change.verb === "restore") return now === undefined || now.deleted;
  if (!now || now.deleted) return false;
  if (change.verb !== "remove_keyframe") return true;
  return now.keyframes.length > 1 && now.keyframes.some((keyframe) => keyframe.frame === change.frame);
}

function keyframeOf({ id: object, keyframes }: ObjectState, frame: number): Change {
  const old = keyframes.find((keyframe) => keyframe.frame === frame);
  return old ? { verb: "put_keyframe", object, keyframe: old } : { verb: "remove_keyframe", object, frame };
}

function mutableOf(before: ObjectState, changes: Record<string, AttributeValue | null>, frame: number): Change {
  const old = before.keyframes.find((keyframe) => keyframe.frame === frame);
  if (!old) return { verb: "remove_keyframe", object: before.id, frame };
  return { verb: "set_attributes", object: before.id, attributes: valuesOf(old.attributes, changes), frame };
}

function behaviorOf({ id: object, behaviors }: ObjectState, behavior: string): Change {
  const old = behaviors.find((item) => item.id === behavior);
  return old ? { verb: "put_behavior", object, behavior: old } : { verb: "remove_behavior", object, behavior };
}

function valuesOf(attributes: Attributes, changes: Record<string, unknown>): Record<string, AttributeValue | null> {
  return Object.fromEntries(Object.keys(changes).map((name) => [name, attributes[name] ?? null]));
}
