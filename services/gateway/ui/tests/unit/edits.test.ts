import type { ObjectState } from "../../src/api/labels";
import { describe, expect, it } from "vitest";
import { apply } from "../../src/editor/document/apply";
import { inverse } from "../../src/editor/document/inverse";
import { byFirstFrame, defaultLabel, manualKeyframe } from "../../src/editor/document/labels";
import { covers } from "../../src/editor/document/fields";
import type { Change } from "../../src/api/edits";
import { objectOf } from "./builders";

const owner = { project: "p", media: "m", author: "ada" };
const box = { kind: "bbox", x1: 0, y1: 0, x2: 10, y2: 10, rotation: 0 } as const;
const turn = { id: "t", name: "Turn", attribute: "Left", first: 2, last: 5 };
const before = objectOf([manualKeyframe(0, box), { ...manualKeyframe(10, box), attributes: { state: "Red" } }], {
  attributes: { color: "White" },
  behaviors: [turn],
  group: "g",
});
const object = "a";

const CHANGES: Change[] = [
  { verb: "put_keyframe", object, keyframe: manualKeyframe(10, { ...box, x1: 5 }) },
  { verb: "put_keyframe", object, keyframe: manualKeyframe(4, box) },
  { verb: "remove_keyframe", object, frame: 10 },
  { verb: "set_category", object, mission: "segmentation", category: "Lane", type: "Solid" },
  { verb: "set_attributes", object, attributes: { color: null, plate: "x" } },
  { verb: "set_attributes", object, attributes: { state: "Green", speed: 4 }, frame: 10 },
  { verb: "set_attributes", object, attributes: { state: "Green" }, frame: 5 },
  { verb: "set_done", object, done: true },
  { verb: "set_group", object, group: null },
  { verb: "set_z_order", object, z_order: 3 },
  { verb: "put_behavior", object, behavior: { ...turn, last: 9 } },
  { verb: "put_behavior", object, behavior: { ...turn, id: "u" } },
  { verb: "remove_behavior", object, behavior: "t" },
];

describe("a change and its inverse", () => {
  it.each(CHANGES.map((change) => [change.verb, change] as const))("%s change the object and restore it", (_, change) => {
    const after = apply(before, change, owner);
    expect(after).not.toEqual(before);
    expect(apply(after, inverse(before, change, "e"), owner)).toEqual(before);
  });
});

describe("mutable attributes", () => {
  it("are set on a keyframe, which is added where the object is visible", () => {
    const after = apply(before, { verb: "set_attributes", object, attributes: { state: "Green" }, frame: 5 }, owner);
    expect(after?.keyframes.map((keyframe) => [keyframe.frame, keyframe.attributes])).toEqual([
      [0, {}],
      [5, { state: "Green" }],
      [10, { state: "Red" }],
    ]);
  });
});

describe("a change that this browser cannot compute", () => {
  it.each<Change>([
    { verb: "scale", object, factor_x: 2, factor_y: 2 },
    { verb: "merge", object, others: [{ object: "b", base_revision: 1 }] },
    { verb: "convert", object, to: "bitmap" },
    { verb: "move", object, dx: 1, dy: 1, first: 3 },
  ])("waits for the answer: %o", (change) => {
    expect(apply(before, change, owner)).toBe(before);
    expect(inverse(before, change, "e")).toEqual({ verb: "revert", object, revision: null, of: "e" });
  });

  it("does not change the object, nor does an unknown verb", () => {
    expect(apply(before, { verb: "paint", object } as unknown as Change, owner)).toBe(before);
  });
});

describe("covering", () => {
  const put: Change = { verb: "put_keyframe", object, keyframe: manualKeyframe(4, box) };

  it.each<[Change, Change, boolean]>([
    [{ verb: "scale", object, factor_x: 2, factor_y: 2 }, put, true],
    [put, { verb: "scale", object, factor_x: 2, factor_y: 2 }, false],
    [put, { verb: "set_attributes", object, attributes: { a: 1 }, frame: 4 }, true],
    [{ verb: "set_attributes", object, attributes: { a: 1 }, frame: 4 }, put, true],
    [{ verb: "set_attributes", object, attributes: { a: 1 }, frame: 10 }, { ...put, keyframe: manualKeyframe(10, box) }, false],
    [{ verb: "set_attributes", object, attributes: { a: 1 }, frame: 10 }, { verb: "set_attributes", object, attributes: { b: 1 }, frame: 10 }, false],
    [{ verb: "set_attributes", object, attributes: { a: 1, b: 2 } }, { verb: "set_attributes", object, attributes: { b: 3 } }, true],
    [{ verb: "set_done", object, done: true }, put, false],
    [{ verb: "delete", object }, put, true],
  ])("%o of %o: %s", (change, other, expected) => expect(covers(change, other, before)).toBe(expected));
});

describe("the default label", () => {
  const label = (id: string, preferred_at: number | null): ObjectState => objectOf([], { id, preferred_at });

  it("is the one preferred last, or else the one with the smallest id", () => {
    expect(defaultLabel([label("b", null), label("a", null)])?.id).toBe("a");
    expect(defaultLabel([label("a", null), label("c", 5), label("b", 9)])?.id).toBe("b");
    expect(defaultLabel([])).toBeUndefined();
  });
});

describe("the order of objects", () => {
  const from = (id: string, frame: number, created_at: number | null): ObjectState =>
    objectOf([manualKeyframe(frame, { kind: "label" })], { id, created_at });

  it("follows their first frames, then their age", () => {
    const all = [from("a", 9, 1), from("b", 0, null), from("d", 0, 7), from("c", 0, 7), from("e", 0, 3)];
    expect(all.sort(byFirstFrame).map((object) => object.id)).toEqual(["e", "c", "d", "b", "a"]);
  });
});
