import type { components } from "./schema";

type Schemas = components["schemas"];

export type Medium = Schemas["MediumJson"];
export type Clip = Schemas["ClipSummary"];
export type Project = Schemas["ProjectJson"];
export type TaskKind = Project["task_kind"];
export type Person = Schemas["Person"];
export type Terms = Schemas["Terms"];
export type Member = Schemas["MemberJson"];
export type Role = Member["role"];
export type Token = Schemas["TokenJson"];
export type Subscriber = Schemas["SubscriberJson"];
export type ShownSubscriber = Schemas["ShownSubscriber"];
export type Model = Schemas["ModelCard"];
export type Run = Schemas["Run"];
export type Format = Schemas["Format"];
export type Export = Schemas["Export"];
/** The verb is not its own: the description of the API gives it that of an edit with the same name. */
export type Split = Omit<Schemas["Split"], "verb">;
export type NewExport = Omit<Schemas["NewExport"], "split"> & { split: Split | null };
export type Target = Schemas["S3Target"];
export type Source = NonNullable<Schemas["NewExport"]["sources"]>[number];
export type Import = Schemas["Import"];
export type Version = Omit<Schemas["DatasetVersion"], "split"> & { split?: Split | null };
export type VersionDifference = Schemas["VersionDifference"];
export type Upload = Schemas["UploadJson"];
export type NewUpload = Schemas["NewUpload"];
export type Weather = NewUpload["weather"];
export type Lighting = NewUpload["lighting"];
export type Fov = NewUpload["fov"];
export type Kind = NewUpload["kind"];
export type NewMission = Schemas["NewMission"];
export type HistoryEntry = Schemas["HistoryEntry"];
