import type { Tool } from "../render/scene";
import type { Box, Geometry } from "../shapes/types";
import { newId } from "./document/ids";
import { shapeAt, type Shape } from "./document/interpolation";
import { manual, type Attributes, type AttributeValue, type Keyframe, type ObjectState } from "./document/labels";
import { fitting, type Attribute } from "./ontology";
import { carriedAlong } from "../shapes/bounds";
import type { Change } from "./document/changes";
import { t } from "../i18n/index.svelte";
import { toast } from "../toasts.svelte";
import type { Workbench } from "./store.svelte";

/** A box that was drawn and has no category yet. Its names are ids of the bench's mission. */
export interface Draft {
  frame: number;
  box: Box;
  category: string;
  type: string | null;
  attributes: Attributes;
}

/** What the person does to objects: each gesture becomes edits. */
export class Editor {
  tool = $state<Tool>("select");
  draft = $state.raw<Draft | null>(null);
  private last: Pick<Draft, "category" | "type"> = { category: "", type: null };
  private copied: { object: ObjectState; shape: Shape } | null = null;

  constructor(private readonly bench: Workbench) {}

  use(tool: Tool): void {
    if (tool === "box") {
      this.bench.player.pause();
      this.bench.select(null);
    }
    this.tool = tool;
  }

  // ---- a new box ----

  /** A box was drawn: it waits for its category, the last one used is proposed. */
  drew(box: Box): void {
    this.draft = { frame: this.bench.player.shown, box, category: "", type: null, attributes: {} };
    this.classify(this.last.category, this.last.type);
    this.tool = "select";
    this.bench.select(null);
  }

  /** Choose what the drawn box, or else the selected object is. */
  classify(category: string, type: string | null): void {
    const { draft } = this;
    if (!draft) return this.setCategory(category, type);
    const kept = draft.category === category ? draft.attributes : {};
    this.draft = { ...draft, category, type, attributes: fitting(kept, this.attributesOf(category, type)) };
  }

  /** Make the drawn box an object; without a category it is refused. */
  confirm(): void {
    const { draft } = this;
    if (!draft) return;
    if (!draft.category) return toast(t("attributes.no-category"), "bad", 4);
    const object = newId();
    const { category, type } = draft;
    const mutable = new Set(this.attributesOf(category, type).filter((one) => one.mutable).map((one) => one.id));
    const some = (wanted: boolean): Attributes =>
      Object.fromEntries(Object.entries(draft.attributes).filter(([id]) => mutable.has(id) === wanted));
    const keyframes = [{ ...manual(draft.frame, draft.box), attributes: some(true) }];
    this.draft = null;
    this.last = { category, type };
    this.do({ verb: "create", object, mission: this.bench.mission.id, category, type, attributes: some(false), keyframes });
    this.bench.select(object);
  }

  discard(): void {
    this.draft = null;
  }

  // ---- what an object is ----

  /** Number key: the category at that place, for the drawn box, the selected object or the next box. */
  pick(place: number): void {
    const category = this.bench.mission.categories[place - 1]?.id;
    if (category === undefined) return;
    if (this.draft) {
      this.classify(category, null);
      this.confirm();
    } else if (this.bench.object) this.setCategory(category, null);
    else {
      this.last = { category, type: null };
      this.use("box");
    }
  }

  /** Set an attribute of the drawn box or the selected object; a mutable one from the frame on that is seen. */
  setAttribute(attribute: Attribute, value: AttributeValue | null): void {
    const { draft } = this;
    const { object, shape, player } = this.bench;
    if (draft) {
      const rest = Object.entries(draft.attributes).filter(([id]) => id !== attribute.id);
      this.draft = { ...draft, attributes: Object.fromEntries(value === null ? rest : [...rest, [attribute.id, value]]) };
      return;
    }
    if (!object || (attribute.mutable && !shape)) return;
    const attributes = { [attribute.id]: value };
    this.do({ verb: "set_attributes", object: object.id, attributes, ...(attribute.mutable && { frame: player.shown }) });
  }

  toggleDone(id: string): void {
    const object = this.bench.document.get(id);
    if (object) this.do({ verb: "set_done", object: id, done: !object.done });
  }

  /** Make a label of the whole medium its default one. */
  makeDefault(id: string): void {
    this.do({ verb: "make_default", object: id });
  }

  // ---- where it is ----

  /** Put a shape on the frame that is seen. */
  move(id: string, geometry: Geometry): void {
    const object = this.bench.document.get(id);
    if (object && !this.bench.locked.has(id)) this.put(object, this.keyframe(object, geometry));
  }

  /** Make the frame that is seen a key frame of the selected object, or take it away. */
  toggleKeyframe(): void {
    const { object, shape } = this.changeable();
    if (!object || !shape) return;
    const frame = this.bench.player.shown;
    if (!shape.solid) this.put(object, this.keyframe(object, shape.geometry));
    else if (seenWithout(object, frame)) this.do({ verb: "remove_keyframe", object: object.id, frame });
    else toast(t("keyframe.last"), "bad", 4);
  }

  /** From this frame on the selected object is out of view, or back in it. */
  toggleOutside(): void {
    const { object, shape } = this.changeable();
    if (!object) return;
    const frame = this.bench.player.shown;
    if (shape && !seenWithout(object, frame)) return toast(t("keyframe.nowhere"), "bad", 4);
    if (shape) return this.put(object, { ...this.keyframe(object, shape.geometry), outside: true });
    const near = object.keyframes.findLast((one) => one.frame <= frame) ?? object.keyframes[0];
    if (near) this.put(object, { ...near, frame, outside: false, occluded: false, source: "manual", score: null });
  }

  toggleOccluded(): void {
    const { object, shape } = this.changeable();
    if (object && shape) this.put(object, { ...this.keyframe(object, shape.geometry), occluded: !shape.occluded });
  }

  // ---- whole objects ----

  deleteSelected(): void {
    const { object } = this.changeable();
    if (!object) return;
    this.bench.select(null);
    this.do({ verb: "delete", object: object.id });
  }

  deleteAll(): void {
    this.bench.select(null);
    this.do(...this.bench.objects.map(({ id }): Change => ({ verb: "delete", object: id })));
  }

  copy(): void {
    const { object, shape } = this.bench;
    if (object && shape && object.annotation_type !== "label") this.copied = { object, shape };
  }

  /** A new object like the copied one, on the frame that is seen. */
  paste(): void {
    if (!this.copied) return;
    const { mission, category, type, attributes, z_order } = this.copied.object;
    const { geometry, keypoints, rpy } = this.copied.shape;
    const object = newId();
    const keyframes = [{ ...manual(this.bench.player.shown, geometry), keypoints, rpy }];
    this.do({ verb: "create", object, mission, category, type, attributes, keyframes, z_order });
    this.bench.select(object);
  }

  undo(): void {
    this.bench.sync.undo();
  }

  redo(): void {
    this.bench.sync.redo();
  }

  private setCategory(category: string, type: string | null): void {
    const { object, mission } = this.bench;
    // A label of the medium is its category: another one is another label.
    if (!object || object.annotation_type === "label") return;
    if (object.mission === mission.id && object.category === category && object.type === type) return;
    this.last = { category, type };
    this.do({ verb: "set_category", object: object.id, mission: mission.id, category, type });
  }

  private attributesOf(category: string, type: string | null): Attribute[] {
    return this.bench.ontology.attributes({ mission: this.bench.mission.id, category, type });
  }

  /** The selected object, if it may be changed, as it is on the frame that is seen. */
  private changeable(): { object?: ObjectState; shape?: Shape | null } {
    const { object, shape, locked } = this.bench;
    return object && !locked.has(object.id) ? { object, shape } : {};
  }

  /** The object's shape on the frame that is seen, set by the person; what else holds there stays. */
  private keyframe(object: ObjectState, geometry: Geometry): Keyframe {
    const frame = this.bench.player.shown;
    const shape = shapeAt(object.keyframes, frame);
    const there = object.keyframes.find((one) => one.frame === frame);
    return {
      ...manual(frame, geometry),
      occluded: shape?.occluded ?? false,
      attributes: there?.attributes ?? {},
      keypoints: shape ? carriedAlong(shape.keypoints, shape.geometry, geometry) : [],
      rpy: shape?.rpy ?? null,
    };
  }

  private put({ id }: ObjectState, keyframe: Keyframe): void {
    this.do({ verb: "put_keyframe", object: id, keyframe });
  }

  private do(...changes: Change[]): void {
    if (changes.length > 0) this.bench.sync.perform(changes);
  }
}

/** Whether the object would be seen anywhere without its key frame on `frame`. */
function seenWithout(object: ObjectState, frame: number): boolean {
  return object.keyframes.some((one) => one.frame !== frame && !one.outside);
}
