import type { Change } from "../api/edits";
import type { Attribute, AttributeValue, Keyframe, ObjectState } from "../api/labels";
import { t } from "../i18n/index.svelte";
import { carriedAlong } from "../shapes/registry";
import type { Geometry } from "../shapes/types";
import { toast } from "../toasts.svelte";
import { isImageTag, isVisibleWithout, manualKeyframe } from "./document/labels";
import type { EditSession } from "./document/session";
import type { Objects } from "./objects.svelte";
import type { Selection } from "./selection.svelte";

/** Changes of existing objects. Each call is one operation that can be undone. */
export class ObjectEdits {
  constructor(
    private readonly session: EditSession,
    private readonly objects: Objects,
    private readonly selection: Selection,
  ) {}

  get canUndo(): boolean {
    void this.objects.version;
    return this.session.document.canUndo;
  }

  get canRedo(): boolean {
    void this.objects.version;
    return this.session.document.canRedo;
  }

  undo(): void {
    this.session.undo();
  }

  redo(): void {
    this.session.redo();
  }

  // ---- geometry on the visible frame ----

  /** Set the geometry of objects on the visible frame; locked ones do not change. */
  reshape(shapes: ReadonlyMap<string, Geometry>): void {
    const changes: Change[] = [];
    for (const [id, geometry] of shapes) {
      const object = this.objects.get(id);
      if (object && !this.objects.locked.has(id)) changes.push(put(object, this.keyframe(object, geometry)));
    }
    this.session.perform(...changes);
  }

  /** Add a keyframe on the visible frame, or remove the one there. */
  toggleKeyframe(): void {
    this.changeEach((object) => {
      const shape = this.objects.shapeOf(object);
      if (!shape) return null;
      if (!shape.solid) return put(object, this.keyframe(object, shape.geometry));
      const { frame } = this;
      if (isVisibleWithout(object, frame)) return { verb: "remove_keyframe", object: object.id, frame };
      toast(t("keyframe.last"), "bad", 4);
      return null;
    });
  }

  /** Toggle whether the selected objects are outside the image, from the visible frame on. */
  toggleOutside(): void {
    this.changeEach((object) => {
      const { frame } = this;
      const shape = this.objects.shapeOf(object);
      if (shape && isVisibleWithout(object, frame)) return put(object, { ...this.keyframe(object, shape.geometry), outside: true });
      if (shape) {
        toast(t("keyframe.nowhere"), "bad", 4);
        return null;
      }
      const near = object.keyframes.findLast((keyframe) => keyframe.frame <= frame) ?? object.keyframes[0];
      return near ? put(object, { ...near, frame, outside: false, occluded: false, source: "manual", score: null }) : null;
    });
  }

  toggleOccluded(): void {
    this.changeEach((object) => {
      const shape = this.objects.shapeOf(object);
      return shape && put(object, { ...this.keyframe(object, shape.geometry), occluded: !shape.occluded });
    });
  }

  // ---- classes and attributes ----

  /** Set the category of the selected objects; labels of the whole image keep theirs. */
  setCategory(mission: string, category: string, type: string | null): void {
    this.session.perform(
      ...this.objects.allSelected
        .filter((object) => !isImageTag(object))
        .filter((object) => object.mission !== mission || object.category !== category || object.type !== type)
        .map((object): Change => ({ verb: "set_category", object: object.id, mission, category, type })),
    );
  }

  /** Set an attribute of the selected object; a mutable one from the visible frame on. */
  setAttribute(attribute: Attribute, value: AttributeValue | null): void {
    const object = this.objects.selected;
    if (!object || (attribute.mutable && !this.objects.shapeOf(object))) return;
    const attributes = { [attribute.id]: value };
    const from = attribute.mutable ? { frame: this.frame } : {};
    this.session.perform({ verb: "set_attributes", object: object.id, attributes, ...from });
  }

  toggleDone(...ids: string[]): void {
    const found = ids.flatMap((id) => this.objects.get(id) ?? []);
    const done = !found.every((object) => object.done);
    this.session.perform(...found.filter((object) => object.done !== done).map(({ id }): Change => ({ verb: "set_done", object: id, done })));
  }

  /** Make a label of the whole medium its default. */
  makeDefault(id: string): void {
    this.session.perform({ verb: "make_default", object: id });
  }

  // ---- whole objects ----

  deleteSelected(): void {
    this.delete(this.objects.editable);
  }

  deleteAll(): void {
    this.delete(this.objects.all);
  }

  private delete(objects: readonly ObjectState[]): void {
    if (objects.length === 0) return;
    this.selection.clear();
    this.session.perform(...objects.map(({ id }): Change => ({ verb: "delete", object: id })));
  }

  private changeEach(change: (object: ObjectState) => Change | null): void {
    this.session.perform(...this.objects.editable.flatMap((object) => change(object) ?? []));
  }

  private get frame(): number {
    return this.objects.playback.shown;
  }

  /** A keyframe on the visible frame with a new geometry and the present states. */
  private keyframe(object: ObjectState, geometry: Geometry): Keyframe {
    const { frame } = this;
    const shape = this.objects.shapeOf(object);
    const present = object.keyframes.find((keyframe) => keyframe.frame === frame);
    return {
      ...manualKeyframe(frame, geometry),
      occluded: shape?.occluded ?? false,
      attributes: present?.attributes ?? {},
      keypoints: shape ? carriedAlong(shape.keypoints, shape.geometry, geometry) : [],
      rpy: shape?.rpy ?? null,
    };
  }
}

function put({ id }: ObjectState, keyframe: Keyframe): Change {
  return { verb: "put_keyframe", object: id, keyframe };
}
