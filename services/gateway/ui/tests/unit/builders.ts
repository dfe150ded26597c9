import type { Keyframe, ObjectState } from "../../src/api/labels";
import type { Attribute, Category, Mission } from "../../src/api/labels";

/** An object as the service sends it. */
export function objectOf(keyframes: Keyframe[], more: Partial<ObjectState> = {}): ObjectState {
  return {
    id: "a",
    project_id: "p",
    media_id: "m",
    mission: "streets",
    category: "Car",
    type: null,
    attributes: {},
    annotation_type: keyframes[0]?.geometry.kind ?? "bbox",
    keyframes,
    behaviors: [],
    source: "manual",
    run_id: null,
    model: null,
    score: null,
    group: null,
    z_order: 0,
    done: false,
    preferred_at: null,
    deleted: false,
    revision: 1,
    author: "ada",
    created_at: 0,
    ...more,
  };
}

export function attributeOf(id: string, more: Partial<Attribute> = {}): Attribute {
  return { id, name: id, kind: "select", values: [], mutable: false, default: null, ...more };
}

export function categoryOf(id: string, more: Partial<Category> = {}): Category {
  return { id, name: id, color: "#2aa89a", parent: null, types: [], attributes: [], joints: null, ...more };
}

export function missionOf(id: string, categories: Category[], more: Partial<Mission> = {}): Mission {
  return { id, name: id, builtin: false, annotation_types: ["bbox"], categories, behaviors: [], revision: 0, ...more };
}
