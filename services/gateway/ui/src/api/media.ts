import { api, idempotent, unwrap } from "./client";
import type { ClipIndex, Kind, Medium, NewUpload, Page, Upload } from "./types";

export interface MediaFilter {
  state?: Medium["state"];
  label_state?: Medium["label_state"];
  kind?: Kind;
  q?: string;
}

export const listMedia = (project: string, filter: MediaFilter, cursor?: string): Promise<Page<Medium>> =>
  unwrap(api.GET("/api/v1/projects/{project}/media", { params: { path: { project }, query: { ...filter, cursor } } }));

/** All files that are ready to be labeled. */
export async function listReadyMedia(project: string): Promise<Medium[]> {
  const media: Medium[] = [];
  let cursor: string | undefined;
  do {
    const page = await listMedia(project, { state: "ready" }, cursor);
    media.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  return media;
}

export const readMedium = (medium: string): Promise<Medium> =>
  unwrap(api.GET("/api/v1/media/{medium}", { params: { path: { medium } } }));

export const deleteMedium = (medium: string): Promise<unknown> =>
  unwrap(api.DELETE("/api/v1/media/{medium}", { params: { path: { medium } } }));

export async function readClipIndex(medium: string, clip: number): Promise<ClipIndex> {
  const params = { path: { medium }, query: { clip } };
  // With `clip` the response is the index of that clip.
  return (await unwrap(api.GET("/api/v1/media/{medium}/index", { params }))) as ClipIndex;
}

export const thumbnailUrl = (medium: string): string => `/api/v1/media/${medium}/thumbnail`;

export const startUpload = (project: string, body: NewUpload, key: string): Promise<Upload> =>
  unwrap(
    api.POST("/api/v1/projects/{project}/uploads", { params: { path: { project }, header: idempotent(key) }, body }),
  );

export const readUpload = (upload: string): Promise<Upload> =>
  unwrap(api.GET("/api/v1/uploads/{upload}", { params: { path: { upload } } }));

export const completeUpload = (upload: string): Promise<Medium> =>
  unwrap(api.POST("/api/v1/uploads/{upload}/complete", { params: { path: { upload } } }));

export const abortUpload = (upload: string): Promise<unknown> =>
  unwrap(api.DELETE("/api/v1/uploads/{upload}", { params: { path: { upload } } }));
