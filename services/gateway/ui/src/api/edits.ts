/** Changes of objects, before and after they have an id and a base revision. */
import type { EditResult, ObjectState, SentEdit } from "./labels";

export type { EditResult };

/** Each variant by itself: `Omit` of a union would keep only what all have. */
type WithoutEnvelope<T> = T extends unknown ? Omit<T, "id" | "base_revision" | "operation"> : never;
type Verbs = WithoutEnvelope<SentEdit>;

/** A change that a gesture asks for. A revision that the service has yet to assign is null until then. */
export type Change =
  | Exclude<Verbs, { verb: "restore" | "revert" }>
  /** `revision` null: the last revision before the deletion, known once the deletion was answered. */
  | { verb: "restore"; object: string; revision: number | null }
  /** Undoes one change. `revision` null: the one made by the edit `of`, known from its result. */
  | { verb: "revert"; object: string; revision: number | null; of?: string };

export type Create = Extract<Change, { verb: "create" }>;
export type Verb = Change["verb"];
export type Edit = Change & { id: string; base_revision: number; operation?: string | null };

/** An edit without a result. `snapshot`: the object that a restore brings back. */
export interface PendingEdit {
  edit: Edit;
  snapshot?: ObjectState | undefined;
  inFlight: boolean;
}
