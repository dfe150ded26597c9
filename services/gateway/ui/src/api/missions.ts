import { api, idempotent, unwrap } from "./client";
import type { Mission, NewMission } from "./types";

export async function listMissions(project: string): Promise<Mission[]> {
  const page = await unwrap(api.GET("/api/v1/projects/{project}/missions", { params: { path: { project } } }));
  return page.items as Mission[];
}

export async function saveMission(project: string, body: NewMission): Promise<Mission> {
  const params = { path: { project }, header: idempotent() };
  return (await unwrap(api.POST("/api/v1/projects/{project}/missions", { params, body }))) as Mission;
}
