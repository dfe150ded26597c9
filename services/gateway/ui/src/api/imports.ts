import { api, idempotent, unwrap } from "./client";
import { sendBytes } from "./transfer";
import type { Import, NewBucketImport, Page } from "./types";

export interface ImportOptions {
  name: string;
  format?: string;
  mission?: string;
  media?: string[];
  dry_run: boolean;
  add_classes: boolean;
}

/** Upload an archive and import it. A repeated key returns the same import. */
export async function startImport(
  project: string,
  archive: Blob,
  options: ImportOptions,
  key: string,
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<Import> {
  const { media = [], ...rest } = options;
  const query = new URLSearchParams(Object.entries(rest).map(([name, value]) => [name, String(value)]));
  for (const medium of media) query.append("media", medium);
  const url = `/api/v1/projects/${project}/imports?${query}`;
  return (await sendBytes("POST", url, archive, { headers: idempotent(key), onProgress, signal })) as Import;
}

/** Import labels from an external S3 bucket. A repeated key returns the same import. */
export const startBucketImport = (project: string, body: NewBucketImport, key: string): Promise<Import> =>
  unwrap(
    api.POST("/api/v1/projects/{project}/imports/from-s3", {
      params: { path: { project }, header: idempotent(key) },
      body,
    }),
  );

export const listImports = (project: string): Promise<Page<Import>> =>
  unwrap(api.GET("/api/v1/projects/{project}/imports", { params: { path: { project } } }));

export const readImport = (id: string): Promise<Import> =>
  unwrap(api.GET("/api/v1/imports/{import_id}", { params: { path: { import_id: id } } }));

/** Run the import after a dry run. */
export const commitImport = (id: string): Promise<Import> =>
  unwrap(api.POST("/api/v1/imports/{import_id}/commit", { params: { path: { import_id: id } } }));

export const cancelImport = (id: string): Promise<Import> =>
  unwrap(api.DELETE("/api/v1/imports/{import_id}", { params: { path: { import_id: id } } }));
