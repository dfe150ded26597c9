import type { Edit } from "./edits";
import { api, newIdempotencyKey, unwrap } from "./client";
import type { EditResult, ObjectState, SentEdit } from "./types";

/** Identifies this window in the history of the objects it edits. */
export const WORK_SESSION = newIdempotencyKey();

export const listObjects = async (medium: string): Promise<ObjectState[]> =>
  (await unwrap(api.GET("/api/v1/media/{medium}/objects", { params: { path: { medium } } }))).items;

export async function applyEdits(medium: string, edits: Edit[]): Promise<EditResult[]> {
  const params = { path: { medium }, header: { "X-Work-Session": WORK_SESSION } };
  const body = { edits: edits as SentEdit[], atomic: false };
  return (await unwrap(api.POST("/api/v1/media/{medium}/edits", { params, body }))).results;
}
