/** Names for the parts of objects, missions and edits, derived from the schema. */
import type { Reason } from "../i18n/reasons";
import type { Complete, EditResult as CompleteResult, Mission, ObjectState, SentEdit as SentJson } from "./types";

export type { ClipIndex, Mission, ObjectState } from "./types";

export type Keyframe = ObjectState["keyframes"][number];
export type Behavior = ObjectState["behaviors"][number];
export type Source = Keyframe["source"];
export type Attributes = ObjectState["attributes"];
export type AttributeValue = Attributes[string];

export type Category = Mission["categories"][number];
export type SkeletonTemplate = NonNullable<Category["joints"]>;
export type Attribute = Category["attributes"][number];

/** An edit in a request: optional fields stay optional, nested values are complete. */
type Sent<T> = T extends object ? { [Name in keyof T]: Complete<T[Name]> } : never;
export type SentEdit = Sent<SentJson>;
export type EditResult = Pick<CompleteResult, "id" | "status"> &
  Partial<Omit<CompleteResult, "reason">> & { reason?: Reason | null };
