import { api, idempotent, unwrap } from "./client";
import type { Export, Format, NewExport, Page } from "./types";

export const listFormats = (): Promise<Page<Format>> => unwrap(api.GET("/api/v1/formats"));

export const startExport = (project: string, body: NewExport): Promise<Export> =>
  unwrap(api.POST("/api/v1/projects/{project}/exports", { params: { path: { project }, header: idempotent() }, body }));

export const listExports = (project: string): Promise<Page<Export>> =>
  unwrap(api.GET("/api/v1/projects/{project}/exports", { params: { path: { project } } }));

export const readExport = (id: string): Promise<Export> =>
  unwrap(api.GET("/api/v1/exports/{export}", { params: { path: { export: id } } }));

export const cancelExport = (id: string): Promise<Export> =>
  unwrap(api.DELETE("/api/v1/exports/{export}", { params: { path: { export: id } } }));

export const archiveUrl = (id: string): string => `/api/v1/exports/${id}/archive`;
