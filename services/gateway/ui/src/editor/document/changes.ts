/** The verbs by which objects change, as they travel. */
import type { Pair } from "../../shapes/types";
import type { AttributeValue, Attributes, Behavior, Keyframe, ObjectState, Source } from "./labels";

interface Create {
  verb: "create";
  object: string;
  mission: string;
  category: string;
  type: string | null;
  attributes: Attributes;
  keyframes: Keyframe[];
  behaviors?: Behavior[];
  group?: string | null;
  z_order?: number;
  done?: boolean;
  source?: Source;
  run_id?: string | null;
  model?: string | null;
  score?: number | null;
}

/** Frames first…last, inclusive; all where they are not given. */
interface Stretch {
  object: string;
  first?: number | null;
  last?: number | null;
}

/** What a gesture asks for, before it has an id and a base revision. */
export type Change =
  | Create
  | { verb: "put_keyframe"; object: string; keyframe: Keyframe }
  | { verb: "remove_keyframe"; object: string; frame: number }
  | { verb: "set_category"; object: string; mission?: string | null; category: string; type: string | null }
  /** With `frame`, mutable attributes change from that frame on. */
  | { verb: "set_attributes"; object: string; attributes: Record<string, AttributeValue | null>; frame?: number | null }
  | { verb: "set_done"; object: string; done: boolean }
  | { verb: "set_group"; object: string; group: string | null }
  | { verb: "set_z_order"; object: string; z_order: number }
  | { verb: "make_default"; object: string }
  | ({ verb: "set_presence"; present: boolean } & Stretch)
  | ({ verb: "set_occlusion"; occluded: boolean } & Stretch)
  | ({ verb: "move"; dx: number; dy: number } & Stretch)
  | ({ verb: "scale"; factor_x: number; factor_y: number; about?: Pair | null } & Stretch)
  | { verb: "shift"; object: string; frames: number }
  | { verb: "propagate"; object: string; frame: number; to: number }
  | ({ verb: "reduce"; tolerance: number } & Stretch)
  | { verb: "put_generated"; object: string; first: number; last: number; keyframes: Keyframe[] }
  | { verb: "convert"; object: string; to: "bitmap" | "polygon"; simplified?: boolean }
  | { verb: "put_behavior"; object: string; behavior: Behavior }
  | { verb: "remove_behavior"; object: string; behavior: string }
  | { verb: "split"; object: string; frame: number; into: string }
  | { verb: "merge"; object: string; others: { object: string; base_revision: number }[] }
  | { verb: "delete"; object: string }
  /** `revision` null: the last revision before the deletion, known once that was answered. */
  | { verb: "restore"; object: string; revision: number | null }
  /** Take back what one change did. `revision` null: of the edit `of`, whose revision its answer says. */
  | { verb: "revert"; object: string; revision: number | null; of?: string };

export type Verb = Change["verb"];

export type Edit = Change & { id: string; base_revision: number; operation?: string | null };

/** What became of an edit; `others` are further objects that it made or changed. */
export interface EditResult {
  id: string;
  status: "applied" | "duplicate" | "conflict" | "refused";
  revision?: number | null;
  object?: ObjectState | null;
  others?: ObjectState[];
  reason?: string | null;
}
