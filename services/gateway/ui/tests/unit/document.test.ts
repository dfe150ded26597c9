import { beforeEach, describe, expect, it } from "vitest";
import type { MediumDocument } from "../../src/editor/document/document";
import { applyAll, keyframe, left, newDocument, put, stored } from "./edit-builders";

let document: MediumDocument;
beforeEach(() => {
  document = newDocument();
});

describe("own edits", () => {
  it("are shown at once and sent once", () => {
    document.receive([stored("a")]);
    document.perform([put("a", 10, 30)]);
    expect(left(document.get("a"), 10)).toBe(30);
    expect(document.nextBatch(100)).toHaveLength(1);
    expect(document.nextBatch(100)).toHaveLength(0);
  });

  it("are sent again with the same id when the response was lost", () => {
    document.receive([stored("a")]);
    document.perform([put("a", 10, 30)]);
    const [first] = document.nextBatch(100);
    document.requeue();
    expect(document.nextBatch(100)[0]?.id).toBe(first?.id);
  });

  it("made while another one is in flight are based on its result", () => {
    document.receive([stored("a", 4)]);
    document.perform([put("a", 10, 30)]);
    const [first] = document.nextBatch(100);
    document.perform([put("a", 10, 60)]);
    document.applyResults([{ id: first!.id, status: "applied", revision: 5, object: stored("a", 5, { keyframes: [keyframe(0), keyframe(10, 30)] }) }]);
    expect(document.nextBatch(100)[0]?.base_revision).toBe(5);
    expect(left(document.get("a"), 10)).toBe(60);
  });

  it("keep their base when another user set the same field in between, so that they conflict", () => {
    document.receive([stored("a", 4)]);
    document.perform([{ verb: "set_done", object: "a", done: true }]);
    const [first] = document.nextBatch(100);
    document.perform([put("a", 0, 60)]);
    const theirs = stored("a", 6, { done: true, keyframes: [keyframe(0, 99)] });
    document.applyResults([{ id: first!.id, status: "applied", revision: 6, object: theirs }]);
    expect(document.nextBatch(100)[0]?.base_revision).toBe(4);
  });
});

describe("changes by others", () => {
  it("do not change pending edits", () => {
    document.receive([stored("a", 1)]);
    document.perform([put("a", 10, 30)]);
    document.receive([stored("a", 2, { keyframes: [keyframe(0, 77)] })]);
    expect(left(document.get("a"), 0)).toBe(77);
    expect(left(document.get("a"), 10)).toBe(30);
  });

  it("with an older revision are ignored", () => {
    document.receive([stored("a", 5, { category: "Bus" })]);
    document.receive([stored("a", 4, { category: "Car" })]);
    expect(document.get("a")?.category).toBe("Bus");
  });

  it("remove deleted objects on a reload, but not those created since", () => {
    document.receive([stored("a"), stored("b")]);
    const known = document.revisions();
    document.receive([stored("c")]);
    document.replaceAll([stored("b")], known);
    expect(document.objects().map((o) => o.id)).toEqual(["b", "c"]);
  });
});

describe("a verb that this browser cannot apply", () => {
  it("shows the result of the service, with all changed objects", () => {
    document.receive([stored("a", 1)]);
    document.perform([{ verb: "split", object: "a", frame: 5, into: "b" }]);
    expect(document.objects()).toHaveLength(1);
    const [edit] = document.nextBatch(100);
    document.applyResults([{ id: edit!.id, status: "applied", revision: 2, object: stored("a", 2), others: [stored("b")] }]);
    expect(document.objects().map((o) => o.id)).toEqual(["a", "b"]);
  });

  it("does not conflict with a later edit of this browser", () => {
    document.receive([stored("a", 1)]);
    document.perform([{ verb: "scale", object: "a", factor_x: 2, factor_y: 2 }]);
    const [scale] = document.nextBatch(100);
    document.perform([put("a", 0, 60)]);
    document.applyResults([{ id: scale!.id, status: "applied", revision: 2, object: stored("a", 2, { keyframes: [keyframe(0, 99)] }) }]);
    expect(document.nextBatch(100)[0]?.base_revision).toBe(2);
  });
});

describe("results", () => {
  it("with a conflict offer both versions", () => {
    document.receive([stored("a", 1)]);
    document.perform([put("a", 0, 30)]);
    const [edit] = document.nextBatch(100);
    const theirs = stored("a", 2, { keyframes: [keyframe(0, 99)] });
    const finished = document.applyResults([{ id: edit!.id, status: "conflict", revision: 2, object: theirs }]);
    expect(finished).toEqual([]);
    expect(left(document.get("a"), 0)).toBe(99);
    expect(left(document.conflicts.get("a")?.mine, 0)).toBe(30);
    const { dropped, added } = document.resolveConflict("a", "mine");
    expect(dropped).toEqual([edit!.id]);
    expect(added[0]?.edit).toMatchObject({ base_revision: 2, verb: "put_keyframe" });
    expect(left(document.get("a"), 0)).toBe(30);
  });

  it("with a conflict with a deletion restore the object if the own version is kept", () => {
    document.receive([stored("a", 3)]);
    document.perform([put("a", 0, 30)]);
    const [edit] = document.nextBatch(100);
    document.applyResults([{ id: edit!.id, status: "conflict", revision: 4, object: stored("a", 4, { deleted: true }) }]);
    expect(document.get("a")).toBeUndefined();
    document.resolveConflict("a", "mine");
    expect(left(document.get("a"), 0)).toBe(30);
    expect(document.nextBatch(100)).toMatchObject([{ verb: "restore", revision: 3 }, { verb: "put_keyframe" }]);
  });

  it("with a refusal set the edit aside with its reason", () => {
    document.receive([stored("a", 1)]);
    document.perform([put("a", 0, 30)]);
    const [edit] = document.nextBatch(100);
    document.applyResults([{ id: edit!.id, status: "refused", reason: { code: "too_small", params: {}, message: "Too small." } }]);
    expect(document.takeRefusals()[0]?.reason).toMatchObject({ code: "too_small" });
    expect(left(document.get("a"), 0)).toBe(0);
  });

  it("received twice change nothing", () => {
    document.receive([stored("a", 1)]);
    document.perform([put("a", 0, 30)]);
    const results = applyAll(document);
    document.applyResults(results);
    expect(document.pending).toHaveLength(0);
    expect(left(document.get("a"), 0)).toBe(30);
  });
});
