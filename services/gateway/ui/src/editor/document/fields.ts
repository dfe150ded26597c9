import type { ObjectState } from "./labels";
import type { Change } from "./changes";

const ALL = "*";
const KEYFRAMES = "keyframes";
/** Some keyframes: which ones, only the service knows. */
const PART = "some";

/** What of the object `before` a change sets. */
function touches(change: Change, before: ObjectState | undefined): string[] {
  switch (change.verb) {
    case "put_keyframe":
      return [`keyframe ${change.keyframe.frame}`];
    case "remove_keyframe":
      return [`keyframe ${change.frame}`];
    case "set_attributes":
      return attributesTouched(Object.keys(change.attributes), change.frame ?? null, before);
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
      return typeof change.first === "number" || typeof change.last === "number" ? [PART] : [KEYFRAMES];
    case "propagate":
    case "put_generated":
      return [PART];
    case "shift":
      return [KEYFRAMES];
    default:
      return [ALL];
  }
}

function attributesTouched(names: string[], frame: number | null, before: ObjectState | undefined): string[] {
  if (frame === null) return names.map((name) => `attribute ${name}`);
  const there = before?.keyframes.some((one) => one.frame === frame);
  // Where there is no key frame yet, one is made.
  return there ? names.map((name) => `keyframe ${frame} ${name}`) : [`keyframe ${frame}`];
}

/**
 * Whether `change` sets everything of the object `before` that `other` sets, too, so that nobody else can have set it
 * in between.
 */
export function covers(change: Change, other: Change, before: ObjectState | undefined): boolean {
  const set = new Set(touches(change, before));
  if (set.has(ALL)) return true;
  const isSet = (one: string): boolean =>
    set.has(one) ||
    (one.startsWith("keyframe ") && (set.has(KEYFRAMES) || set.has(one.split(" ", 2).join(" "))));
  return touches(other, before).every((one) => one !== PART && isSet(one));
}

/** Whether what `change` touches is the same in both states. */
export function sameField(a: ObjectState | undefined, b: ObjectState | undefined, change: Change): boolean {
  const fields = touches(change, a);
  const values = (object: ObjectState | undefined): string =>
    JSON.stringify(object ? fields.map((one) => part(object, one)) : null);
  return values(a) === values(b);
}

function part(object: ObjectState, touched: string): unknown {
  const at = touched.indexOf(" ");
  const rest = touched.slice(at + 1);
  switch (at < 0 ? touched : touched.slice(0, at)) {
    case "keyframe":
      return keyframePart(object, rest);
    case "attribute":
      return object.attributes[rest] ?? null;
    case "behavior":
      return object.behaviors.find((one) => one.id === rest) ?? null;
    case "category":
      return [object.mission, object.category, object.type];
    case KEYFRAMES:
    case PART:
      return object.keyframes;
    case "done":
    case "group":
    case "z_order":
    case "preferred_at":
      return object[touched as "done" | "group" | "z_order" | "preferred_at"];
    default:
      return { ...object, revision: 0 };
  }
}

/** A keyframe (`12`), or an attribute of it (`12 state`). */
function keyframePart(object: ObjectState, rest: string): unknown {
  const at = rest.indexOf(" ");
  const found = object.keyframes.find((one) => one.frame === Number.parseInt(rest, 10));
  return (at < 0 ? found : found?.attributes[rest.slice(at + 1)]) ?? null;
}
