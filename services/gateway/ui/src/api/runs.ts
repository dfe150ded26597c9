import { api, idempotent, unwrap } from "./client";
import type { Model, Page, Run } from "./types";

export const listModels = (): Promise<Page<Model>> => unwrap(api.GET("/api/v1/models"));

export const startRun = (project: string, media: string[], model: string, threshold: number): Promise<Run> =>
  unwrap(
    api.POST("/api/v1/projects/{project}/runs", {
      params: { path: { project }, header: idempotent() },
      body: { kind: "detect", model, media, threshold, accept: "auto" },
    }),
  );

/** Track an object on frames first…last, between its manual keyframes. */
export const startQuickLabel = (project: string, object: string, first: number, last: number): Promise<Run> =>
  unwrap(
    api.POST("/api/v1/projects/{project}/runs", {
      params: { path: { project }, header: idempotent() },
      body: { kind: "quick", object, first, last, accept: "auto" },
    }),
  );

export const readRun = (run: string): Promise<Run> =>
  unwrap(api.GET("/api/v1/runs/{run}", { params: { path: { run } } }));

export const listRuns = (project: string): Promise<Page<Run>> =>
  unwrap(api.GET("/api/v1/projects/{project}/runs", { params: { path: { project } } }));

export const cancelRun = (run: string): Promise<Run> =>
  unwrap(api.DELETE("/api/v1/runs/{run}", { params: { path: { run } } }));
