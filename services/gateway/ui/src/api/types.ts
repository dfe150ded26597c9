import type { components } from "./schema";

type Schemas = components["schemas"];

/** A value in a response: every field is present, also those with a default. */
export type Complete<T> = T extends readonly [unknown, ...unknown[]]
  ? T
  : T extends (infer Value extends number | string)[][]
    ? [Value, Value][] // Coordinates and edges; the client's types do not say that each is a pair.
    : T extends readonly (infer Item)[]
      ? Complete<Item>[]
      : T extends object
        ? { [Name in keyof T]-?: Complete<Exclude<T[Name], undefined>> }
        : T;
type Response<Name extends keyof Schemas> = Complete<Schemas[Name]>;

/** One page of a list. */
export interface Page<Item> {
  items: Item[];
  next_cursor?: string | null;
}

export type Person = Response<"Person">;
export type Terms = Response<"Terms">;
export type Registration = Schemas["Registration"];
export type Token = Response<"TokenJson">;
export type NewToken = Response<"ShownToken">;

export type Project = Response<"ProjectJson">;
export type TaskKind = Project["task_kind"];
export type Member = Response<"MemberJson">;
export type Role = Member["role"];
export type Subscriber = Response<"SubscriberJson">;
export type NewSubscriber = Response<"ShownSubscriber">;

export type Medium = Response<"MediumJson">;
export type Clip = Response<"ClipSummary">;
export type ClipIndex = Response<"ClipIndexJson">;
export type Upload = Response<"UploadJson">;
export type NewUpload = Schemas["NewUpload"];
export type Kind = NewUpload["kind"];
export type Weather = NewUpload["weather"];
export type Lighting = NewUpload["lighting"];
export type Fov = NewUpload["fov"];

export type Mission = Response<"Mission">;
export type NewMission = Schemas["NewMission"];
export type ObjectState = Response<"ObjectState">;
export type SentEdit = Schemas["Edits"]["edits"][number];
export type EditResult = Response<"EditResult">;

export type Model = Response<"ModelCard">;
export type Run = Response<"Run">;

export type Format = Response<"Format">;
export type Export = Response<"Export">;
export type NewExport = Schemas["NewExport"];
export type Source = NonNullable<NewExport["sources"]>[number];
export type Split = Response<"SubsetSplit">;
export type Bucket = Response<"S3Target">;
export type Import = Response<"Import">;
export type NewBucketImport = Schemas["ExternalImport"];
export type Version = Response<"DatasetVersion">;
export type VersionDifference = Response<"VersionDifference">;
