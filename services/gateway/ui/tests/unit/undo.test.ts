import { beforeEach, describe, expect, it } from "vitest";
import type { MediumDocument } from "../../src/editor/document/document";
import type { EditResult } from "../../src/api/edits";
import { applyAll, createChange, left, newDocument, put, stored } from "./edit-builders";

let document: MediumDocument;
beforeEach(() => {
  document = newDocument();
});

describe("undo", () => {
  it("undoes and redoes a move", () => {
    document.receive([stored("a")]);
    document.perform([put("a", 0, 30)]);
    document.undo();
    expect(left(document.get("a"), 0)).toBe(0);
    document.redo();
    expect(left(document.get("a"), 0)).toBe(30);
  });

  it("removes a new keyframe", () => {
    document.receive([stored("a")]);
    document.perform([put("a", 10, 30)]);
    document.undo();
    expect(document.get("a")?.keyframes).toHaveLength(1);
  });

  it("restores a deleted object at the revision before its deletion", () => {
    document.receive([stored("a", 7)]);
    document.perform([{ verb: "delete", object: "a" }]);
    expect(document.get("a")).toBeUndefined();
    document.undo();
    expect(document.get("a")?.category).toBe("Car");
    const [deletion, ...rest] = document.nextBatch(100);
    expect([deletion?.verb, rest.length]).toEqual(["delete", 0]);
    document.applyResults([{ id: deletion!.id, status: "applied", revision: 8, object: stored("a", 8, { deleted: true }) }]);
    expect(document.nextBatch(100)[0]).toMatchObject({ verb: "restore", revision: 7, base_revision: 8 });
  });

  it("of a creation deletes, and redo restores", () => {
    document.perform([createChange("n")]);
    applyAll(document);
    document.undo();
    expect(document.get("n")).toBeUndefined();
    document.redo();
    expect(document.get("n")?.category).toBe("Car");
  });

  it("undoes an operation with many edits in one step", () => {
    document.receive([stored("a"), stored("b"), stored("c")]);
    document.perform(["a", "b", "c"].map((object) => ({ verb: "delete" as const, object })));
    expect(document.objects()).toHaveLength(0);
    const operations = new Set(document.nextBatch(100).map((edit) => edit.operation));
    expect([operations.size, typeof [...operations][0]]).toEqual([1, "string"]);
    document.undo();
    expect(document.objects()).toHaveLength(3);
  });

  it("goes back as far as the project's undo length", () => {
    document = newDocument(2);
    document.receive([stored("a")]);
    for (const x of [10, 20, 30]) document.perform([put("a", 0, x)]);
    for (let step = 0; step < 3; step += 1) document.undo();
    expect([left(document.get("a"), 0), document.canUndo]).toEqual([10, false]);
  });

  it("is off with an undo length of 0", () => {
    document = newDocument(0);
    document.receive([stored("a")]);
    document.perform([put("a", 0, 10)]);
    expect([document.canUndo, document.undo()]).toEqual([false, []]);
  });

  it("skips objects that others deleted in the meantime", () => {
    document.receive([stored("a", 1)]);
    document.perform([put("a", 0, 30)]);
    applyAll(document);
    document.receive([stored("a", 9, { deleted: true })]);
    expect(document.undo()).toHaveLength(0);
  });
});

describe("undo of edits that only the service can revert", () => {
  const preferred = (): EditResult[] =>
    document.nextBatch(100).map((edit) => ({ id: edit.id, status: "applied", revision: 8, object: stored("a", 8, { preferred_at: 5 }) }));

  it("waits for the result, then reverts this change", () => {
    document.receive([stored("a", 7)]);
    document.perform([{ verb: "make_default", object: "a" }]);
    expect(document.undo()).toHaveLength(0);
    expect(document.canUndo).toBe(true);
    document.applyResults(preferred());
    document.undo();
    expect(document.nextBatch(100)).toMatchObject([{ verb: "revert", revision: 8, base_revision: 8 }]);
  });

  it("is redone by reverting the revert", () => {
    document.receive([stored("a", 7)]);
    document.perform([{ verb: "make_default", object: "a" }]);
    document.applyResults(preferred());
    document.undo();
    const [revert] = document.nextBatch(100);
    document.applyResults([{ id: revert!.id, status: "applied", revision: 9, object: stored("a", 9) }]);
    document.redo();
    expect(document.nextBatch(100)).toMatchObject([{ verb: "revert", revision: 9 }]);
  });
});
