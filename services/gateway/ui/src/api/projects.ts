import { api, idempotent, unwrap } from "./client";
import type { Member, NewSubscriber, Page, Project, Role, Subscriber, TaskKind } from "./types";

export const listProjects = (cursor?: string): Promise<Page<Project>> =>
  unwrap(api.GET("/api/v1/projects", { params: { query: { cursor } } }));

export const readProject = (project: string): Promise<Project> =>
  unwrap(api.GET("/api/v1/projects/{project}", { params: { path: { project } } }));

export const createProject = (name: string, task_kind: TaskKind): Promise<Project> =>
  unwrap(api.POST("/api/v1/projects", { body: { name, task_kind }, params: { header: idempotent() } }));

export const listMembers = (project: string): Promise<Page<Member>> =>
  unwrap(api.GET("/api/v1/projects/{project}/members", { params: { path: { project } } }));

export const addMember = (project: string, email: string, role: Exclude<Role, "owner">): Promise<Member> =>
  unwrap(api.POST("/api/v1/projects/{project}/members", { params: { path: { project } }, body: { email, role } }));

export const removeMember = (project: string, user: string): Promise<unknown> =>
  unwrap(api.DELETE("/api/v1/projects/{project}/members/{user}", { params: { path: { project, user } } }));

export const listSubscribers = (project: string): Promise<Page<Subscriber>> =>
  unwrap(api.GET("/api/v1/projects/{project}/subscribers", { params: { path: { project } } }));

export const addSubscriber = (project: string, name: string): Promise<NewSubscriber> =>
  unwrap(api.POST("/api/v1/projects/{project}/subscribers", { params: { path: { project } }, body: { name } }));

export const removeSubscriber = (project: string, subscriber: string): Promise<unknown> =>
  unwrap(
    api.DELETE("/api/v1/projects/{project}/subscribers/{subscriber}", { params: { path: { project, subscriber } } }),
  );
