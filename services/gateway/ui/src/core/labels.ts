/** Labels as they travel: objects, keyframes, edits, missions. Frames are 0-based over the medium. */

export interface Box {
  kind: "bbox";
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** Degrees clockwise about the centre. */
  rotation: number;
}

export type Source = "manual" | "quick" | "interpolated" | "model" | "import";
export type AttributeValue = string | boolean | number;

export interface Keyframe {
  frame: number;
  geometry: Box;
  outside: boolean;
  occluded: boolean;
  source: Source;
  score: number | null;
}

export interface ObjectState {
  id: string;
  project_id: string;
  media_id: string;
  mission: string;
  category: string;
  type: string | null;
  attributes: Record<string, AttributeValue>;
  annotation_type: "bbox";
  keyframes: Keyframe[];
  source: Source;
  run_id: string | null;
  score: number | null;
  done: boolean;
  deleted: boolean;
  revision: number;
  author: string;
}

/** What a gesture asks for, before it has an id and a base revision. */
export type Change =
  | {
      verb: "create";
      object: string;
      mission: string;
      category: string;
      type: string | null;
      attributes: Record<string, AttributeValue>;
      keyframes: Keyframe[];
    }
  | { verb: "put_keyframe"; object: string; keyframe: Keyframe }
  | { verb: "remove_keyframe"; object: string; frame: number }
  | { verb: "set_category"; object: string; mission: string; category: string; type: string | null }
  | { verb: "set_attributes"; object: string; attributes: Record<string, AttributeValue | null> }
  | { verb: "set_done"; object: string; done: boolean }
  | { verb: "delete"; object: string }
  /** `revision` null: the last revision before the deletion, known once that was answered. */
  | { verb: "restore"; object: string; revision: number | null };

export type Edit = Change & { id: string; base_revision: number };

export interface EditResult {
  id: string;
  status: "applied" | "duplicate" | "conflict" | "refused";
  revision?: number | null;
  object?: ObjectState | null;
  reason?: string | null;
}

export interface Category {
  name: string;
  color: string;
  types: string[];
  attributes: Record<string, string[]>;
}

export interface Mission {
  id: string;
  name: string;
  builtin: boolean;
  annotation_types: string[];
  categories: Category[];
  behaviors: Record<string, string[]>;
}
