import { api, idempotent, unwrap } from "./client";
import type { Mission, NewMission } from "./types";

export const listMissions = async (project: string): Promise<Mission[]> =>
  (await unwrap(api.GET("/api/v1/projects/{project}/missions", { params: { path: { project } } }))).items;

export const saveMission = (project: string, body: NewMission): Promise<Mission> =>
  unwrap(api.POST("/api/v1/projects/{project}/missions", { params: { path: { project }, header: idempotent() }, body }));
