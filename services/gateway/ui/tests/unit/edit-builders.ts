import type { Keyframe, ObjectState } from "../../src/api/labels";
import { MediumDocument } from "../../src/editor/document/document";
import type { Box } from "../../src/shapes/types";
import { manualKeyframe } from "../../src/editor/document/labels";
import type { Change, EditResult } from "../../src/api/edits";
import { objectOf } from "./builders";

export const newDocument = (undoLength?: number): MediumDocument =>
  new MediumDocument({ project: "p", media: "m", author: "ada" }, undoLength);

const box = (x1: number): Box => ({ kind: "bbox", x1, y1: 0, x2: x1 + 50, y2: 40, rotation: 0 });
export const keyframe = (frame: number, x1 = 0): Keyframe => manualKeyframe(frame, box(x1));
export const stored = (id: string, revision = 1, more: Partial<ObjectState> = {}): ObjectState =>
  objectOf([keyframe(0)], { id, revision, ...more });

export const put = (object: string, frame: number, x1: number): Change => ({
  verb: "put_keyframe",
  object,
  keyframe: keyframe(frame, x1),
});
export const createChange = (object: string): Change => ({
  verb: "create",
  object,
  mission: "Object Detection",
  category: "Car",
  type: null,
  attributes: {},
  keyframes: [keyframe(0)],
});

/** The left side of an object's box on a keyframe. */
export function left(object: ObjectState | undefined, frame: number): number | undefined {
  const shape = object?.keyframes.find((keyframe) => keyframe.frame === frame)?.geometry;
  return shape?.kind === "bbox" ? shape.x1 : undefined;
}

/** Apply a batch as the service does if no one else changed anything. */
export function applyAll(document: MediumDocument): EditResult[] {
  const results = document.nextBatch(100).map((edit) => {
    const now = document.get(edit.object);
    const revision = edit.base_revision + 1;
    return { id: edit.id, status: "applied" as const, revision, object: now ? { ...now, revision } : null };
  });
  document.applyResults(results);
  return results;
}
