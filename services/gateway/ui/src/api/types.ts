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
export type NewExport = Schemas["NewExport"];
export type Upload = Schemas["UploadJson"];
export type NewUpload = Schemas["NewUpload"];
export type Weather = NewUpload["weather"];
export type Lighting = NewUpload["lighting"];
export type Fov = NewUpload["fov"];
export type Kind = NewUpload["kind"];
export type NewMission = Schemas["NewMission"];
export type HistoryEntry = Schemas["HistoryEntry"];
