import { api, idempotent, unwrap } from "./client";
import type { Page, Split, Version, VersionDifference } from "./types";

export const listVersions = (project: string): Promise<Page<Version>> =>
  unwrap(api.GET("/api/v1/projects/{project}/versions", { params: { path: { project } } }));

export const publishVersion = (project: string, split: Split | null, media: string[] | null): Promise<Version> =>
  unwrap(
    api.POST("/api/v1/projects/{project}/versions", {
      params: { path: { project }, header: idempotent() },
      body: { split, media },
    }),
  );

export const makeCurrent = (version: string): Promise<Version> =>
  unwrap(api.POST("/api/v1/versions/{version}/current", { params: { path: { version } } }));

export const compareVersions = (version: string, since: string): Promise<VersionDifference> =>
  unwrap(api.GET("/api/v1/versions/{version}/difference", { params: { path: { version }, query: { since } } }));

export const deleteVersion = (version: string): Promise<Version> =>
  unwrap(api.DELETE("/api/v1/versions/{version}", { params: { path: { version } } }));
