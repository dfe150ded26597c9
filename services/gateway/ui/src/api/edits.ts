/** Changes of objects, before and after they have an id and a base revision. */
import type { EditResult, ObjectState, SentEdit } from "./labels";

export type { EditResult };

/** Distributes over the variants: `Omit` of a union would keep only their common fields. */
type WithoutEnvelope<T> = T extends unknown ? Omit<T, "id" | "base_revision" | "operation"> : never;
type Verbs = WithoutEnvelope<SentEdit>;

/** A change without id and base revision. A revision that the service has yet to assign is null. */
export type Change =
  | Exclude<Verbs, { verb: "restore" | "revert" }>
  /** `revision` null: the last revision before the deletion, known from its result. */
  | { verb: "restore"; object: string; revision: number | null }
  /** Undoes one change. `revision` null: the one made by the edit `of`, known from its result. */
  | { verb: "revert"; object: string; revision: number | null; of?: string };

export type Create = Extract<Change, { verb: "create" }>;
export type Verb = Change["verb"];
export type Edit = Change & { id: string; base_revision: number; operation?: string | null };

/** An edit without a result. `snapshot`: the object to restore. */
export interface PendingEdit {
  edit: Edit;
  snapshot?: ObjectState | undefined;
  inFlight: boolean;
}
