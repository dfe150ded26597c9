import type { Attribute, Attributes, AttributeValue, Keyframe, ObjectState } from "../api/labels";
import { t } from "../i18n/index.svelte";
import type { AnnotationType, Geometry } from "../shapes/types";
import { toast } from "../toasts.svelte";
import { newId } from "./document/ids";
import type { Shape } from "./document/interpolation";
import { isImageTag, manualKeyframe } from "./document/labels";
import type { EditSession } from "./document/session";
import type { Objects } from "./objects.svelte";
import { fitting } from "./ontology";
import type { Selection } from "./selection.svelte";

interface Class {
  category: string;
  type: string | null;
}

/** A new shape without a confirmed category. Its names are ids of the current mission. */
export interface Draft extends Class {
  frame: number;
  geometry: Geometry;
  attributes: Attributes;
}

interface Copied {
  object: ObjectState;
  shape: Shape;
}

/** Creation of objects: by drawing, with or without a draft, and by pasting. */
export class NewObjects {
  draft = $state.raw<Draft | null>(null);
  /** The class used last for each kind of shape. */
  private lastUsed = $state.raw<ReadonlyMap<AnnotationType, Class>>(new Map());
  private copied: Copied[] = [];

  constructor(
    private readonly session: EditSession,
    private readonly objects: Objects,
    private readonly selection: Selection,
  ) {}

  /** The class of the next shape of a kind: the one used last for the kind, or else the first of the mission. */
  classOf(kind: AnnotationType): Class | null {
    const { missions } = this.objects;
    const last = this.lastUsed.get(kind);
    if (last && missions.ontology.knows(missions.current.id, last.category)) return last;
    const first = missions.categories[0];
    return first ? { category: first.id, type: null } : null;
  }

  /** The color of a new shape of a kind; null without any category. */
  colorOf(kind: AnnotationType): string | null {
    const { missions } = this.objects;
    const found = this.classOf(kind);
    return found && missions.ontology.color({ mission: missions.current.id, ...found });
  }

  /** Remember the class for the next shapes of a kind. */
  use(kind: AnnotationType, category: string, type: string | null): void {
    this.lastUsed = new Map(this.lastUsed).set(kind, { category, type });
  }

  /** Create an object of a drawn shape at once. Returns whether there is a category for it. */
  create(geometry: Geometry): boolean {
    const found = this.classOf(geometry.kind);
    if (!found) {
      toast(t("mission.no-categories"), "bad", 4);
      return false;
    }
    const { missions, playback } = this.objects;
    const attributes = fitting({}, missions.attributesOf(found.category, found.type));
    this.add({ ...found, geometry, attributes, frame: playback.shown });
    return true;
  }

  // ---- draft: a shape without a confirmed category ----

  /** Propose a drawn shape, with the class used last. */
  propose(geometry: Geometry): void {
    this.selection.clear();
    const last = this.lastUsed.get(geometry.kind) ?? { category: "", type: null };
    this.draft = { frame: this.objects.playback.shown, geometry, category: "", type: null, attributes: {} };
    this.classify(last.category, last.type);
  }

  /** Set the class of the draft. */
  classify(category: string, type: string | null): void {
    const { draft } = this;
    if (!draft) return;
    const kept = draft.category === category ? draft.attributes : {};
    this.draft = { ...draft, category, type, attributes: fitting(kept, this.objects.missions.attributesOf(category, type)) };
  }

  setAttribute(attribute: Attribute, value: AttributeValue | null): void {
    const { draft } = this;
    if (!draft) return;
    const rest = Object.entries(draft.attributes).filter(([id]) => id !== attribute.id);
    this.draft = { ...draft, attributes: Object.fromEntries(value === null ? rest : [...rest, [attribute.id, value]]) };
  }

  /** Create the object of the draft; without a category it stays a draft. */
  confirm(): void {
    const { draft } = this;
    if (!draft) return;
    if (!draft.category) return toast(t("attributes.no-category"), "bad", 4);
    this.draft = null;
    this.add(draft);
  }

  discard(): void {
    this.draft = null;
  }

  // ---- copies ----

  copySelected(): void {
    const found = this.objects.allSelected.filter((object) => !isImageTag(object));
    const copied = found.flatMap((object) => {
      const shape = this.objects.shapeOf(object);
      return shape ? [{ object, shape }] : [];
    });
    if (copied.length > 0) this.copied = copied;
  }

  /** Paste the copied objects on the visible frame. */
  paste(): void {
    if (this.copied.length === 0) return;
    const ids = this.copied.map(() => newId());
    this.session.perform(
      ...this.copied.map(({ object: { mission, category, type, attributes, z_order }, shape }, at) => {
        const { geometry, keypoints, rpy } = shape;
        const keyframes = [{ ...manualKeyframe(this.objects.playback.shown, geometry), keypoints, rpy }];
        return { verb: "create" as const, object: ids[at]!, mission, category, type, attributes, keyframes, z_order };
      }),
    );
    this.selection.replace(...ids);
  }

  /** Mutable attributes belong to the keyframe, the others to the object. */
  private add({ frame, geometry, category, type, attributes }: Draft): void {
    const { missions } = this.objects;
    const mutable = new Set(missions.attributesOf(category, type).filter((attribute) => attribute.mutable).map((attribute) => attribute.id));
    const those = (wanted: boolean): Attributes =>
      Object.fromEntries(Object.entries(attributes).filter(([id]) => mutable.has(id) === wanted));
    const keyframe: Keyframe = { ...manualKeyframe(frame, geometry), attributes: those(true) };
    this.use(geometry.kind, category, type);
    const object = newId();
    const mission = missions.current.id;
    this.session.perform({ verb: "create" as const, object, mission, category, type, attributes: those(false), keyframes: [keyframe] });
    this.selection.replace(object);
  }
}
