import type { AttributeValue, Change, Keyframe, ObjectState } from "./labels";

/** `keyframes` with the one on `keyframe.frame` set or replaced. */
export function withKeyframe(keyframes: readonly Keyframe[], keyframe: Keyframe): Keyframe[] {
  const others = keyframes.filter((k) => k.frame !== keyframe.frame);
  return [...others, keyframe].sort((a, b) => a.frame - b.frame);
}

function withAttributes(
  attributes: Record<string, AttributeValue>,
  changes: Record<string, AttributeValue | null>,
): Record<string, AttributeValue> {
  const merged: Record<string, AttributeValue> = { ...attributes };
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

/** The object as it is after `change`; `before` is undefined for a create. */
export function applied(
  before: ObjectState | undefined,
  change: Change,
  owner: Owner,
  snapshot?: ObjectState,
): ObjectState | undefined {
  if (change.verb === "create") return created(change, owner);
  if (change.verb === "restore") return snapshot ? { ...snapshot, deleted: false } : before && { ...before, deleted: false };
  if (!before) return undefined;
  switch (change.verb) {
    case "put_keyframe":
      return { ...before, keyframes: withKeyframe(before.keyframes, change.keyframe) };
    case "remove_keyframe":
      return { ...before, keyframes: before.keyframes.filter((k) => k.frame !== change.frame) };
    case "set_category":
      return { ...before, mission: change.mission, category: change.category, type: change.type };
    case "set_attributes":
      return { ...before, attributes: withAttributes(before.attributes, change.attributes) };
    case "set_done":
      return { ...before, done: change.done };
    case "delete":
      return { ...before, deleted: true };
  }
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
    annotation_type: "bbox",
    keyframes: change.keyframes,
    source: "manual",
    run_id: null,
    score: null,
    done: false,
    deleted: false,
    revision: 0,
    author: owner.author,
  };
}

/** The change that takes `change` back, given the object as it was before it. */
export function inverse(before: ObjectState | undefined, change: Change): Change {
  const object = change.object;
  if (change.verb === "create" || change.verb === "restore") return { verb: "delete", object };
  if (!before) throw new Error(`no object ${object} to take ${change.verb} back on`);
  switch (change.verb) {
    case "put_keyframe": {
      const old = before.keyframes.find((k) => k.frame === change.keyframe.frame);
      return old
        ? { verb: "put_keyframe", object, keyframe: old }
        : { verb: "remove_keyframe", object, frame: change.keyframe.frame };
    }
    case "remove_keyframe": {
      const old = before.keyframes.find((k) => k.frame === change.frame);
      if (!old) throw new Error(`no keyframe on ${change.frame}`);
      return { verb: "put_keyframe", object, keyframe: old };
    }
    case "set_category":
      return { verb: "set_category", object, mission: before.mission, category: before.category, type: before.type };
    case "set_attributes":
      return {
        verb: "set_attributes",
        object,
        attributes: Object.fromEntries(
          Object.keys(change.attributes).map((name) => [name, before.attributes[name] ?? null]),
        ),
      };
    case "set_done":
      return { verb: "set_done", object, done: before.done };
    case "delete":
      return { verb: "restore", object, revision: null };
  }
}

/** What of the object a change touches: changes that touch the same cannot both have been meant. */
export function touches(change: Change): string {
  switch (change.verb) {
    case "put_keyframe":
      return `keyframe ${change.keyframe.frame}`;
    case "remove_keyframe":
      return `keyframe ${change.frame}`;
    case "set_category":
      return "category";
    case "set_attributes":
      return `attributes ${Object.keys(change.attributes).sort().join()}`;
    case "set_done":
      return "done";
    default:
      return "all";
  }
}

/** Whether what `change` touches is the same in both states. */
export function sameField(a: ObjectState | undefined, b: ObjectState | undefined, change: Change): boolean {
  return JSON.stringify(field(a, change)) === JSON.stringify(field(b, change));
}

function field(object: ObjectState | undefined, change: Change): unknown {
  if (!object) return null;
  switch (change.verb) {
    case "put_keyframe":
      return object.keyframes.find((k) => k.frame === change.keyframe.frame) ?? null;
    case "remove_keyframe":
      return object.keyframes.find((k) => k.frame === change.frame) ?? null;
    case "set_category":
      return [object.mission, object.category, object.type];
    case "set_attributes":
      return Object.keys(change.attributes).map((name) => object.attributes[name] ?? null);
    case "set_done":
      return object.done;
    default:
      return { ...object, revision: 0 };
  }
}
