import type { ObjectState } from "../../api/labels";
import type { Change } from "../../api/edits";

const ALL = "*";
const KEYFRAMES = "keyframes";
/** Some keyframes; only the service knows which. */
const SOME_KEYFRAMES = "some";

/** The fields of the object `before` that a change sets. */
function fieldsOf(change: Change, before: ObjectState | undefined): string[] {
  switch (change.verb) {
    case "put_keyframe":
      return [`keyframe ${change.keyframe.frame}`];
    case "remove_keyframe":
      return [`keyframe ${change.frame}`];
    case "set_attributes":
      return attributeFields(Object.keys(change.attributes), change.frame ?? null, before);
    case "set_category":
      return ["category"];
    case "set_done":
      return ["done"];
    case "set_group":
      return ["group"];
    case "set_z_order":
      return ["z_order"];
    case "make_default":
      return ["preferred_at"];
    case "put_behavior":
      return [`behavior ${change.behavior.id}`];
    case "remove_behavior":
      return [`behavior ${change.behavior}`];
    case "set_presence":
    case "set_occlusion":
    case "move":
    case "scale":
    case "reduce":
      return typeof change.first === "number" || typeof change.last === "number" ? [SOME_KEYFRAMES] : [KEYFRAMES];
    case "propagate":
    case "put_generated":
      return [SOME_KEYFRAMES];
    case "shift":
      return [KEYFRAMES];
    default:
      return [ALL];
  }
}

function attributeFields(names: string[], frame: number | null, before: ObjectState | undefined): string[] {
  if (frame === null) return names.map((name) => `attribute ${name}`);
  const exists = before?.keyframes.some((keyframe) => keyframe.frame === frame);
  // A keyframe is added where there is none.
  return exists ? names.map((name) => `keyframe ${frame} ${name}`) : [`keyframe ${frame}`];
}

/** Whether `change` sets every field of the object `before` that `other` sets, so that no other user set it in between. */
export function covers(change: Change, other: Change, before: ObjectState | undefined): boolean {
  const set = new Set(fieldsOf(change, before));
  if (set.has(ALL)) return true;
  const isSet = (field: string): boolean =>
    set.has(field) ||
    (field.startsWith("keyframe ") && (set.has(KEYFRAMES) || set.has(field.split(" ", 2).join(" "))));
  return fieldsOf(other, before).every((field) => field !== SOME_KEYFRAMES && isSet(field));
}

/** Whether the fields that `change` sets are equal in both states. */
export function sameFields(a: ObjectState | undefined, b: ObjectState | undefined, change: Change): boolean {
  const fields = fieldsOf(change, a);
  const values = (object: ObjectState | undefined): string =>
    JSON.stringify(object ? fields.map((field) => valueOf(object, field)) : null);
  return values(a) === values(b);
}

function valueOf(object: ObjectState, field: string): unknown {
  const at = field.indexOf(" ");
  const rest = field.slice(at + 1);
  switch (at < 0 ? field : field.slice(0, at)) {
    case "keyframe":
      return keyframeValue(object, rest);
    case "attribute":
      return object.attributes[rest] ?? null;
    case "behavior":
      return object.behaviors.find((behavior) => behavior.id === rest) ?? null;
    case "category":
      return [object.mission, object.category, object.type];
    case KEYFRAMES:
    case SOME_KEYFRAMES:
      return object.keyframes;
    case "done":
    case "group":
    case "z_order":
    case "preferred_at":
      return object[field as "done" | "group" | "z_order" | "preferred_at"];
    default:
      return { ...object, revision: 0 };
  }
}

/** A keyframe (`12`), or an attribute of it (`12 state`). */
function keyframeValue(object: ObjectState, rest: string): unknown {
  const at = rest.indexOf(" ");
  const keyframe = object.keyframes.find((keyframe) => keyframe.frame === Number.parseInt(rest, 10));
  return (at < 0 ? keyframe : keyframe?.attributes[rest.slice(at + 1)]) ?? null;
}
