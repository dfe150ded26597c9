import { beforeEach, describe, expect, it } from "vitest";
import { MediumDocument } from "../../src/core/document";
import type { Box } from "../../src/core/geometry";
import { manual, type Keyframe, type ObjectState } from "../../src/core/labels";
import type { Change, EditResult } from "../../src/core/verbs";
import { objectOf } from "./made";

const box = (x1: number): Box => ({ kind: "bbox", x1, y1: 0, x2: x1 + 50, y2: 40, rotation: 0 });
const keyframe = (frame: number, x1 = 0): Keyframe => manual(frame, box(x1));
const stored = (id: string, revision = 1, more: Partial<ObjectState> = {}): ObjectState =>
  objectOf([keyframe(0)], { id, revision, ...more });
const put = (object: string, frame: number, x1: number): Change => ({
  verb: "put_keyframe",
  object,
  keyframe: keyframe(frame, x1),
});
const createChange = (object: string): Change => ({
  verb: "create",
  object,
  mission: "Object Detection",
  category: "Car",
  type: null,
  attributes: {},
  keyframes: [keyframe(0)],
});

let document: MediumDocument;
beforeEach(() => {
  document = new MediumDocument({ project: "p", media: "m", author: "ada" });
});

const left = (object: ObjectState | undefined, frame: number): number | undefined => {
  const shape = object?.keyframes.find((k) => k.frame === frame)?.geometry;
  return shape?.kind === "bbox" ? shape.x1 : undefined;
};
const x1 = (id: string, frame: number): number | undefined => left(document.get(id), frame);

/** Answer a batch as the service would, if nobody else changed anything. */
function applyAll(): EditResult[] {
  const results = document.next(100).map((edit) => {
    const now = document.get(edit.object);
    const revision = edit.base_revision + 1;
    return { id: edit.id, status: "applied" as const, revision, object: now ? { ...now, revision } : null };
  });
  document.answer(results);
  return results;
}

describe("own edits", () => {
  it("show at once and are sent once", () => {
    document.take([stored("a")]);
    document.perform([put("a", 10, 30)]);
    expect(x1("a", 10)).toBe(30);
    expect(document.next(100)).toHaveLength(1);
    expect(document.next(100)).toHaveLength(0);
  });

  it("are sent again, with the same id, when the answer did not come", () => {
    document.take([stored("a")]);
    document.perform([put("a", 10, 30)]);
    const [first] = document.next(100);
    document.unsend();
    expect(document.next(100)[0]?.id).toBe(first?.id);
  });

  it("made while another was on its way are based on what that one became", () => {
    document.take([stored("a", 4)]);
    document.perform([put("a", 10, 30)]);
    const [first] = document.next(100);
    document.perform([put("a", 10, 60)]);
    document.answer([{ id: first!.id, status: "applied", revision: 5, object: stored("a", 5, { keyframes: [keyframe(0), keyframe(10, 30)] }) }]);
    expect(document.next(100)[0]?.base_revision).toBe(5);
    expect(x1("a", 10)).toBe(60);
  });

  it("stay on their base when someone else set the same field in between, so that it becomes a conflict", () => {
    document.take([stored("a", 4)]);
    document.perform([{ verb: "set_done", object: "a", done: true }]);
    const [first] = document.next(100);
    document.perform([put("a", 0, 60)]);
    const theirs = stored("a", 6, { done: true, keyframes: [keyframe(0, 99)] });
    document.answer([{ id: first!.id, status: "applied", revision: 6, object: theirs }]);
    expect(document.next(100)[0]?.base_revision).toBe(4);
  });
});

describe("others' changes", () => {
  it("do not disturb what waits here", () => {
    document.take([stored("a", 1)]);
    document.perform([put("a", 10, 30)]);
    document.take([stored("a", 2, { keyframes: [keyframe(0, 77)] })]);
    expect(x1("a", 0)).toBe(77);
    expect(x1("a", 10)).toBe(30);
  });

  it("that come late change nothing", () => {
    document.take([stored("a", 5, { category: "Bus" })]);
    document.take([stored("a", 4, { category: "Car" })]);
    expect(document.get("a")?.category).toBe("Bus");
  });

  it("read afresh take away what is gone, but not what was made meanwhile", () => {
    document.take([stored("a"), stored("b")]);
    const known = document.known();
    document.take([stored("c")]);
    document.replaceAll([stored("b")], known);
    expect(document.objects().map((o) => o.id)).toEqual(["b", "c"]);
  });
});

describe("undo", () => {
  it("takes a move back and does it again", () => {
    document.take([stored("a")]);
    document.perform([put("a", 0, 30)]);
    document.undo();
    expect(x1("a", 0)).toBe(0);
    document.redo();
    expect(x1("a", 0)).toBe(30);
  });

  it("takes a new key frame away", () => {
    document.take([stored("a")]);
    document.perform([put("a", 10, 30)]);
    document.undo();
    expect(document.get("a")?.keyframes).toHaveLength(1);
  });

  it("brings a deleted object back, asking for the revision before its deletion", () => {
    document.take([stored("a", 7)]);
    document.perform([{ verb: "delete", object: "a" }]);
    expect(document.get("a")).toBeUndefined();
    document.undo();
    expect(document.get("a")?.category).toBe("Car");
    const [deletion, ...rest] = document.next(100);
    expect([deletion?.verb, rest.length]).toEqual(["delete", 0]);
    document.answer([{ id: deletion!.id, status: "applied", revision: 8, object: stored("a", 8, { deleted: true }) }]);
    expect(document.next(100)[0]).toMatchObject({ verb: "restore", revision: 7, base_revision: 8 });
  });

  it("of a creation deletes, and redo restores", () => {
    document.perform([createChange("n")]);
    applyAll();
    document.undo();
    expect(document.get("n")).toBeUndefined();
    document.redo();
    expect(document.get("n")?.category).toBe("Car");
  });

  it("takes a gesture with many edits back in one step", () => {
    document.take([stored("a"), stored("b"), stored("c")]);
    document.perform(["a", "b", "c"].map((object) => ({ verb: "delete" as const, object })));
    expect(document.objects()).toHaveLength(0);
    document.undo();
    expect(document.objects()).toHaveLength(3);
  });

  it("passes over what others deleted meanwhile", () => {
    document.take([stored("a", 1)]);
    document.perform([put("a", 0, 30)]);
    applyAll();
    document.take([stored("a", 9, { deleted: true })]);
    expect(document.undo()).toHaveLength(0);
  });
});

describe("undo of what only the service can take back", () => {
  const preferred = (): EditResult[] =>
    document.next(100).map((edit) => ({ id: edit.id, status: "applied", revision: 8, object: stored("a", 8, { preferred_at: 5 }) }));

  it("waits for the answer, then asks to revert that very change", () => {
    document.take([stored("a", 7)]);
    document.perform([{ verb: "make_default", object: "a" }]);
    expect(document.undo()).toHaveLength(0);
    expect(document.canUndo).toBe(true);
    document.answer(preferred());
    document.undo();
    expect(document.next(100)).toMatchObject([{ verb: "revert", revision: 8, base_revision: 8 }]);
  });

  it("is done again by reverting the revert", () => {
    document.take([stored("a", 7)]);
    document.perform([{ verb: "make_default", object: "a" }]);
    document.answer(preferred());
    document.undo();
    const [revert] = document.next(100);
    document.answer([{ id: revert!.id, status: "applied", revision: 9, object: stored("a", 9) }]);
    document.redo();
    expect(document.next(100)).toMatchObject([{ verb: "revert", revision: 9 }]);
  });
});

describe("a verb that this browser cannot apply", () => {
  it("shows what the service answers, with the other objects that it changed", () => {
    document.take([stored("a", 1)]);
    document.perform([{ verb: "split", object: "a", frame: 5, into: "b" }]);
    expect(document.objects()).toHaveLength(1);
    const [edit] = document.next(100);
    document.answer([{ id: edit!.id, status: "applied", revision: 2, object: stored("a", 2), others: [stored("b")] }]);
    expect(document.objects().map((o) => o.id)).toEqual(["a", "b"]);
  });

  it("does not make a later edit of this browser conflict with it", () => {
    document.take([stored("a", 1)]);
    document.perform([{ verb: "scale", object: "a", factor_x: 2, factor_y: 2 }]);
    const [scale] = document.next(100);
    document.perform([put("a", 0, 60)]);
    document.answer([{ id: scale!.id, status: "applied", revision: 2, object: stored("a", 2, { keyframes: [keyframe(0, 99)] }) }]);
    expect(document.next(100)[0]?.base_revision).toBe(2);
  });
});

describe("answers", () => {
  it("that conflict show theirs, keep mine, and let the person choose", () => {
    document.take([stored("a", 1)]);
    document.perform([put("a", 0, 30)]);
    const [edit] = document.next(100);
    const theirs = stored("a", 2, { keyframes: [keyframe(0, 99)] });
    const settled = document.answer([{ id: edit!.id, status: "conflict", revision: 2, object: theirs }]);
    expect(settled).toEqual([]);
    expect(x1("a", 0)).toBe(99);
    expect(left(document.conflicts.get("a")?.mine, 0)).toBe(30);
    const { dropped, made } = document.settle("a", "mine");
    expect(dropped).toEqual([edit!.id]);
    expect(made[0]?.edit).toMatchObject({ base_revision: 2, verb: "put_keyframe" });
    expect(x1("a", 0)).toBe(30);
  });

  it("that conflict with a deletion bring the object back when mine is kept", () => {
    document.take([stored("a", 3)]);
    document.perform([put("a", 0, 30)]);
    const [edit] = document.next(100);
    document.answer([{ id: edit!.id, status: "conflict", revision: 4, object: stored("a", 4, { deleted: true }) }]);
    expect(document.get("a")).toBeUndefined();
    document.settle("a", "mine");
    expect(x1("a", 0)).toBe(30);
    expect(document.next(100)).toMatchObject([{ verb: "restore", revision: 3 }, { verb: "put_keyframe" }]);
  });

  it("that refuse put the edit aside with the reason", () => {
    document.take([stored("a", 1)]);
    document.perform([put("a", 0, 30)]);
    const [edit] = document.next(100);
    document.answer([{ id: edit!.id, status: "refused", reason: "Too small." }]);
    expect(document.refused[0]?.reason).toBe("Too small.");
    expect(x1("a", 0)).toBe(0);
  });

  it("the same edit answered twice changes nothing", () => {
    document.take([stored("a", 1)]);
    document.perform([put("a", 0, 30)]);
    const results = applyAll();
    document.answer(results);
    expect(document.pending).toHaveLength(0);
    expect(x1("a", 0)).toBe(30);
  });
});
