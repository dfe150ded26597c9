import type { ObjectState } from "../editor/document/labels";
import type { Mission } from "../editor/ontology";
import type { Edit, EditResult } from "../editor/document/changes";
import type { ClipIndex } from "../frames/clip-index";
import { api, onceKey, told } from "./client";
import type { components } from "./schema";
import { sendBytes } from "./sending";
import type * as T from "./types";

const once = (): { "Idempotency-Key": string } => ({ "Idempotency-Key": onceKey() });

/** Which window an edit came from, kept in the object's history. */
export const WORK_SESSION = onceKey();

// ---- people ----
export const readTerms = (): Promise<T.Terms> => told(api.GET("/api/v1/terms"));
export const me = (): Promise<T.Person> => told(api.GET("/api/v1/me"));
export const signIn = (email: string, password: string): Promise<unknown> =>
  told(api.POST("/api/v1/session", { body: { email, password } }));
export const signOut = (): Promise<unknown> => told(api.DELETE("/api/v1/session"));
export const signUp = (form: components["schemas"]["Registration"]): Promise<components["schemas"]["Registered"]> =>
  told(api.POST("/api/v1/accounts", { body: form, params: { header: once() } }));
export const sendLinkAgain = (email: string): Promise<{ message: string }> =>
  told(api.POST("/api/v1/accounts/verification", { body: { email } }));
export const listTokens = (): Promise<{ items: T.Token[] }> => told(api.GET("/api/v1/tokens"));
export const makeToken = (name: string, days: number | null): Promise<T.Token & { token: string }> =>
  told(api.POST("/api/v1/tokens", { body: { name, expires_in_days: days } }));
export const removeToken = (token: string): Promise<unknown> =>
  told(api.DELETE("/api/v1/tokens/{token}", { params: { path: { token } } }));

// ---- projects ----
export const listProjects = (cursor?: string): Promise<{ items: T.Project[]; next_cursor?: string | null }> =>
  told(api.GET("/api/v1/projects", { params: { query: { cursor } } }));
export const readProject = (project: string): Promise<T.Project> =>
  told(api.GET("/api/v1/projects/{project}", { params: { path: { project } } }));
export const createProject = (name: string, task_kind: T.TaskKind): Promise<T.Project> =>
  told(api.POST("/api/v1/projects", { body: { name, task_kind }, params: { header: once() } }));
export const listMembers = (project: string): Promise<{ items: T.Member[] }> =>
  told(api.GET("/api/v1/projects/{project}/members", { params: { path: { project } } }));
export const addMember = (project: string, email: string, role: Exclude<T.Role, "owner">): Promise<T.Member> =>
  told(api.POST("/api/v1/projects/{project}/members", { params: { path: { project } }, body: { email, role } }));
export const removeMember = (project: string, user: string): Promise<unknown> =>
  told(api.DELETE("/api/v1/projects/{project}/members/{user}", { params: { path: { project, user } } }));
export const listSubscribers = (project: string): Promise<{ items: T.Subscriber[] }> =>
  told(api.GET("/api/v1/projects/{project}/subscribers", { params: { path: { project } } }));
export const addSubscriber = (project: string, name: string): Promise<T.ShownSubscriber> =>
  told(api.POST("/api/v1/projects/{project}/subscribers", { params: { path: { project } }, body: { name } }));
export const removeSubscriber = (project: string, subscriber: string): Promise<unknown> =>
  told(
    api.DELETE("/api/v1/projects/{project}/subscribers/{subscriber}", { params: { path: { project, subscriber } } }),
  );

// ---- media ----
export interface MediaFilter {
  state?: T.Medium["state"];
  label_state?: T.Medium["label_state"];
  kind?: T.Kind;
  q?: string;
}
export const listMedia = (
  project: string,
  filter: MediaFilter,
  cursor?: string,
): Promise<{ items: T.Medium[]; next_cursor?: string | null }> =>
  told(
    api.GET("/api/v1/projects/{project}/media", { params: { path: { project }, query: { ...filter, cursor } } }),
  );
/** All files that can be labeled. */
export const readAllMedia = async (project: string): Promise<T.Medium[]> => {
  const found: T.Medium[] = [];
  let cursor: string | undefined;
  do {
    const page = await listMedia(project, { state: "ready" }, cursor);
    found.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  return found;
};
export const readMedium = (medium: string): Promise<T.Medium> =>
  told(api.GET("/api/v1/media/{medium}", { params: { path: { medium } } }));
export const deleteMedium = (medium: string): Promise<unknown> =>
  told(api.DELETE("/api/v1/media/{medium}", { params: { path: { medium } } }));
export const readClipIndex = async (medium: string, clip: number): Promise<ClipIndex> => {
  const query = { params: { path: { medium }, query: { clip } } };
  // With `clip` the answer is that clip's index.
  return (await told(api.GET("/api/v1/media/{medium}/index", query))) as ClipIndex;
};
export const thumbnailOf = (medium: string): string => `/api/v1/media/${medium}/thumbnail`;

// ---- uploads ----
export const startUpload = (project: string, body: T.NewUpload, key: string): Promise<T.Upload> =>
  told(
    api.POST("/api/v1/projects/{project}/uploads", {
      params: { path: { project }, header: { "Idempotency-Key": key } },
      body,
    }),
  );
export const readUpload = (upload: string): Promise<T.Upload> =>
  told(api.GET("/api/v1/uploads/{upload}", { params: { path: { upload } } }));
export const completeUpload = (upload: string): Promise<T.Medium> =>
  told(api.POST("/api/v1/uploads/{upload}/complete", { params: { path: { upload } } }));
export const abortUpload = (upload: string): Promise<unknown> =>
  told(api.DELETE("/api/v1/uploads/{upload}", { params: { path: { upload } } }));

// ---- labels: the service sends every field, also those that have a default ----
export const listMissions = async (project: string): Promise<Mission[]> =>
  (await told(api.GET("/api/v1/projects/{project}/missions", { params: { path: { project } } }))).items as Mission[];
export const saveMission = async (project: string, body: T.NewMission): Promise<Mission> =>
  (await told(
    api.POST("/api/v1/projects/{project}/missions", { params: { path: { project }, header: once() }, body }),
  )) as Mission;
export const listObjects = async (medium: string): Promise<ObjectState[]> =>
  (await told(api.GET("/api/v1/media/{medium}/objects", { params: { path: { medium } } }))).items as ObjectState[];
export const applyEdits = async (medium: string, edits: Edit[]): Promise<EditResult[]> => {
  const params = { path: { medium }, header: { "X-Work-Session": WORK_SESSION } };
  const body = { edits: edits as components["schemas"]["Edits"]["edits"], atomic: false };
  return (await told(api.POST("/api/v1/media/{medium}/edits", { params, body }))).results as EditResult[];
};
export const readHistory = (object_id: string): Promise<{ items: T.HistoryEntry[] }> =>
  told(api.GET("/api/v1/objects/{object_id}/history", { params: { path: { object_id } } }));

// ---- runs ----
export const listModels = (): Promise<{ items: T.Model[] }> => told(api.GET("/api/v1/models"));
export const startRun = (project: string, media: string[], model: string, threshold: number): Promise<T.Run> =>
  told(
    api.POST("/api/v1/projects/{project}/runs", {
      params: { path: { project }, header: once() },
      body: { kind: "detect", model, media, threshold, accept: "auto" },
    }),
  );
/** Follow an object through frames first…last, between the key frames that a person set. */
export const startQuickLabel = (project: string, object: string, first: number, last: number): Promise<T.Run> =>
  told(
    api.POST("/api/v1/projects/{project}/runs", {
      params: { path: { project }, header: once() },
      body: { kind: "quick", object, first, last, accept: "auto" },
    }),
  );
export const readRun = (run: string): Promise<T.Run> =>
  told(api.GET("/api/v1/runs/{run}", { params: { path: { run } } }));
export const listRuns = (project: string): Promise<{ items: T.Run[] }> =>
  told(api.GET("/api/v1/projects/{project}/runs", { params: { path: { project } } }));
export const cancelRun = (run: string): Promise<T.Run> =>
  told(api.DELETE("/api/v1/runs/{run}", { params: { path: { run } } }));

// ---- the ways in and out ----
export const listFormats = (): Promise<{ items: T.Format[] }> => told(api.GET("/api/v1/formats"));
export const startExport = (project: string, body: T.NewExport): Promise<T.Export> =>
  told(
    api.POST("/api/v1/projects/{project}/exports", {
      params: { path: { project }, header: once() },
      body,
    }),
  );
export const listExports = (project: string): Promise<{ items: T.Export[] }> =>
  told(api.GET("/api/v1/projects/{project}/exports", { params: { path: { project } } }));
export const readExport = (id: string): Promise<T.Export> =>
  told(api.GET("/api/v1/exports/{export}", { params: { path: { export: id } } }));
export const cancelExport = (id: string): Promise<T.Export> =>
  told(api.DELETE("/api/v1/exports/{export}", { params: { path: { export: id } } }));
export const archiveOf = (id: string): string => `/api/v1/exports/${id}/archive`;

export interface HowToImport {
  name: string;
  format?: string;
  mission?: string;
  media?: string[];
  dry_run: boolean;
  add_classes: boolean;
}
/** Upload an archive and have it imported; the same key again is the same import. */
export const startImport = async (
  project: string,
  archive: Blob,
  how: HowToImport,
  key: string,
  moved: (sent: number) => void,
  signal: AbortSignal,
): Promise<T.Import> => {
  const { media = [], ...rest } = how;
  const query = new URLSearchParams(Object.entries(rest).map(([name, value]) => [name, String(value)]));
  for (const medium of media) query.append("media", medium);
  const options = { headers: { "Idempotency-Key": key }, moved, signal };
  return (await sendBytes("POST", `/api/v1/projects/${project}/imports?${query}`, archive, options)) as T.Import;
};
/** Have labels imported that lie in someone else's S3; the same key again is the same import. */
export const startOutsideImport = (project: string, body: T.NewOutsideImport, key: string): Promise<T.Import> =>
  told(
    api.POST("/api/v1/projects/{project}/imports/from-s3", {
      params: { path: { project }, header: { "Idempotency-Key": key } },
      body,
    }),
  );
export const listImports = (project: string): Promise<{ items: T.Import[] }> =>
  told(api.GET("/api/v1/projects/{project}/imports", { params: { path: { project } } }));
export const readImport = (id: string): Promise<T.Import> =>
  told(api.GET("/api/v1/imports/{import_id}", { params: { path: { import_id: id } } }));
/** Import in earnest what a dry run looked at. */
export const carryOutImport = (id: string): Promise<T.Import> =>
  told(api.POST("/api/v1/imports/{import_id}/carry-out", { params: { path: { import_id: id } } }));
export const cancelImport = (id: string): Promise<T.Import> =>
  told(api.DELETE("/api/v1/imports/{import_id}", { params: { path: { import_id: id } } }));

// ---- dataset versions ----
export const listVersions = (project: string): Promise<{ items: T.Version[] }> =>
  told(api.GET("/api/v1/projects/{project}/versions", { params: { path: { project } } }));
export const publishVersion = (project: string, split: T.Split | null, media: string[] | null): Promise<T.Version> =>
  told(
    api.POST("/api/v1/projects/{project}/versions", {
      params: { path: { project }, header: once() },
      body: { split, media },
    }),
  );
export const makeCurrent = (version: string): Promise<T.Version> =>
  told(api.POST("/api/v1/versions/{version}/current", { params: { path: { version } } }));
export const compareVersions = (version: string, since: string): Promise<T.VersionDifference> =>
  told(api.GET("/api/v1/versions/{version}/difference", { params: { path: { version }, query: { since } } }));
export const deleteVersion = (version: string): Promise<T.Version> =>
  told(api.DELETE("/api/v1/versions/{version}", { params: { path: { version } } }));
