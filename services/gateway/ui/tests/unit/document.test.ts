import { beforeEach, describe, expect, it } from "vitest";
import type { MediumDocument } from "../../src/editor/document/document";
import { applyAll, keyframe, left, newDocument, put, stored } from "./edit-builders";

let document: MediumDocument;
beforeEach(() => {
  document = newDocument();
});

const x1 = (id: string, frame: number): number | undefined => left(document.get(id), frame);

describe("own edits", () => {
  it("show at once and are sent once", () => {
    document.receive([stored("a")]);
    document.perform([put("a", 10, 30)]);
    expect(x1("a", 10)).toBe(30);
    expect(document.nextBatch(100)).toHaveLength(1);
    expect(document.nextBatch(100)).toHaveLength(0);
  });

  it("are sent again, with the same id, when the answer did not come", () => {
    document.receive([stored("a")]);
    document.perform([put("a", 10, 30)]);
    const [first] = document.nextBatch(100);
    document.requeue();
    expect(document.nextBatch(100)[0]?.id).toBe(first?.id);
  });

  it("made while another was on its way are based on what that one became", () => {
    document.receive([stored("a", 4)]);
    document.perform([put("a", 10, 30)]);
    const [first] = document.nextBatch(100);
    document.perform([put("a", 10, 60)]);
    document.applyResults([{ id: first!.id, status: "applied", revision: 5, object: stored("a", 5, { keyframes: [keyframe(0), keyframe(10, 30)] }) }]);
    expect(document.nextBatch(100)[0]?.base_revision).toBe(5);
    expect(x1("a", 10)).toBe(60);
  });

  it("stay on their base when someone else set the same field in between, so that it becomes a conflict", () => {
    document.receive([stored("a", 4)]);
    document.perform([{ verb: "set_done", object: "a", done: true }]);
    const [first] = document.nextBatch(100);
    document.perform([put("a", 0, 60)]);
    const theirs = stored("a", 6, { done: true, keyframes: [keyframe(0, 99)] });
    document.applyResults([{ id: first!.id, status: "applied", revision: 6, object: theirs }]);
    expect(document.nextBatch(100)[0]?.base_revision).toBe(4);
  });
});

describe("others' changes", () => {
  it("do not disturb what waits here", () => {
    document.receive([stored("a", 1)]);
    document.perform([put("a", 10, 30)]);
    document.receive([stored("a", 2, { keyframes: [keyframe(0, 77)] })]);
    expect(x1("a", 0)).toBe(77);
    expect(x1("a", 10)).toBe(30);
  });

  it("that come late change nothing", () => {
    document.receive([stored("a", 5, { category: "Bus" })]);
    document.receive([stored("a", 4, { category: "Car" })]);
    expect(document.get("a")?.category).toBe("Bus");
  });

  it("read afresh take away what is gone, but not what was made meanwhile", () => {
    document.receive([stored("a"), stored("b")]);
    const known = document.revisions();
    document.receive([stored("c")]);
    document.replaceAll([stored("b")], known);
    expect(document.objects().map((o) => o.id)).toEqual(["b", "c"]);
  });
});

describe("a verb that this browser cannot apply", () => {
  it("shows what the service answers, with the other objects that it changed", () => {
    document.receive([stored("a", 1)]);
    document.perform([{ verb: "split", object: "a", frame: 5, into: "b" }]);
    expect(document.objects()).toHaveLength(1);
    const [edit] = document.nextBatch(100);
    document.applyResults([{ id: edit!.id, status: "applied", revision: 2, object: stored("a", 2), others: [stored("b")] }]);
    expect(document.objects().map((o) => o.id)).toEqual(["a", "b"]);
  });

  it("does not make a later edit of this browser conflict with it", () => {
    document.receive([stored("a", 1)]);
    document.perform([{ verb: "scale", object: "a", factor_x: 2, factor_y: 2 }]);
    const [scale] = document.nextBatch(100);
    document.perform([put("a", 0, 60)]);
    document.applyResults([{ id: scale!.id, status: "applied", revision: 2, object: stored("a", 2, { keyframes: [keyframe(0, 99)] }) }]);
    expect(document.nextBatch(100)[0]?.base_revision).toBe(2);
  });
});

describe("answers", () => {
  it("that conflict show theirs, keep mine, and let the person choose", () => {
    document.receive([stored("a", 1)]);
    document.perform([put("a", 0, 30)]);
    const [edit] = document.nextBatch(100);
    const theirs = stored("a", 2, { keyframes: [keyframe(0, 99)] });
    const finished = document.applyResults([{ id: edit!.id, status: "conflict", revision: 2, object: theirs }]);
    expect(finished).toEqual([]);
    expect(x1("a", 0)).toBe(99);
    expect(left(document.conflicts.get("a")?.mine, 0)).toBe(30);
    const { dropped, made } = document.resolveConflict("a", "mine");
    expect(dropped).toEqual([edit!.id]);
    expect(made[0]?.edit).toMatchObject({ base_revision: 2, verb: "put_keyframe" });
    expect(x1("a", 0)).toBe(30);
  });

  it("that conflict with a deletion bring the object back when mine is kept", () => {
    document.receive([stored("a", 3)]);
    document.perform([put("a", 0, 30)]);
    const [edit] = document.nextBatch(100);
    document.applyResults([{ id: edit!.id, status: "conflict", revision: 4, object: stored("a", 4, { deleted: true }) }]);
    expect(document.get("a")).toBeUndefined();
    document.resolveConflict("a", "mine");
    expect(x1("a", 0)).toBe(30);
    expect(document.nextBatch(100)).toMatchObject([{ verb: "restore", revision: 3 }, { verb: "put_keyframe" }]);
  });

  it("that refuse put the edit aside with the reason", () => {
    document.receive([stored("a", 1)]);
    document.perform([put("a", 0, 30)]);
    const [edit] = document.nextBatch(100);
    document.applyResults([{ id: edit!.id, status: "refused", reason: { code: "too_small", params: {}, message: "Too small." } }]);
    expect(document.takeRefusals()[0]?.reason).toMatchObject({ code: "too_small" });
    expect(x1("a", 0)).toBe(0);
  });

  it("the same edit answered twice changes nothing", () => {
    document.receive([stored("a", 1)]);
    document.perform([put("a", 0, 30)]);
    const results = applyAll(document);
    document.applyResults(results);
    expect(document.pending).toHaveLength(0);
    expect(x1("a", 0)).toBe(30);
  });
});
