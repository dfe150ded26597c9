import type { ObjectState } from "../api/labels";
import type { RenderShape } from "../render/render-shape";
import { extentOf, hits } from "../shapes/registry";
import type { Point } from "../shapes/types";
import type { MediumDocument } from "./document/document";
import { shapeAt, type Shape } from "./document/interpolation";
import { defaultLabel, isImageTag } from "./document/labels";
import type { Missions } from "./missions.svelte";
import type { Playback } from "./playback.svelte";
import { ghostsOf, renderShapesOf } from "./render-shapes";
import { toggled, type Selection } from "./selection.svelte";

const HIT_MARGIN_PX = 3;

/** The objects of the medium, as panels and tools read them. */
export class Objects {
  /** Grows with every change, so that everything that reads objects is updated. */
  version = $state(0);
  hidden = $state.raw<ReadonlySet<string>>(new Set());
  locked = $state.raw<ReadonlySet<string>>(new Set());
  private readonly numbers = new Map<string, number>();
  private cache: { key: readonly unknown[]; shapes: RenderShape[] } = { key: [], shapes: [] };

  constructor(
    readonly document: MediumDocument,
    readonly playback: Playback,
    readonly missions: Missions,
    private readonly selection: Selection,
    private readonly scale: () => number,
  ) {
    document.subscribe(() => (this.version += 1));
  }

  /** All objects except labels of the whole image. */
  get all(): readonly ObjectState[] {
    void this.version;
    return this.document.objects().filter((object) => !isImageTag(object));
  }

  /** The labels of the whole image. */
  get labels(): readonly ObjectState[] {
    void this.version;
    return this.document.objects().filter(isImageTag);
  }

  get defaultLabel(): string | undefined {
    return defaultLabel(this.labels)?.id;
  }

  get(id: string): ObjectState | undefined {
    void this.version;
    return this.document.get(id);
  }

  /** The selected object, if it is exactly one. */
  get selected(): ObjectState | undefined {
    const { only } = this.selection;
    return only === null ? undefined : this.get(only);
  }

  get allSelected(): ObjectState[] {
    return [...this.selection.ids].flatMap((id) => this.get(id) ?? []);
  }

  /** The selected objects that are not locked. */
  get editable(): ObjectState[] {
    return this.allSelected.filter(({ id }) => !this.locked.has(id));
  }

  /** The selected object's shape on the visible frame. */
  get selectedShape(): Shape | null {
    return this.selected ? this.shapeOf(this.selected) : null;
  }

  /** An object's shape on the visible frame. */
  shapeOf(object: ObjectState): Shape | null {
    return shapeAt(object.keyframes, this.playback.shown);
  }

  /** A small number for display, stable while the screen is open. */
  numberOf(id: string): number {
    let number = this.numbers.get(id);
    if (number === undefined) this.numbers.set(id, (number = this.numbers.size + 1));
    return number;
  }

  /** `Vehicle 3`: the name of an object in messages; a label has no number. */
  titleOf(object: ObjectState): string {
    const { ontology } = this.missions;
    if (isImageTag(object)) return ontology.fullName(object);
    return `${ontology.categoryName(object)} ${this.numberOf(object.id)}`;
  }

  // ---- the canvas ----

  /** The shapes on the visible frame, the farthest first. */
  get visible(): readonly RenderShape[] {
    const key = [this.version, this.playback.shown, this.hidden, this.locked, this.missions.ontology];
    if (key.some((part, at) => part !== this.cache.key[at])) this.cache = { key, shapes: renderShapesOf(this) };
    return this.cache.shapes;
  }

  /** Both versions of every conflicting object. */
  get ghosts(): readonly RenderShape[] {
    void this.version;
    return ghostsOf(this.document, this.playback.shown);
  }

  /** The shape at a point: a selected one first, then the smallest. */
  at(point: Point): RenderShape | undefined {
    const margin = HIT_MARGIN_PX / this.scale();
    let best: RenderShape | undefined;
    let smallest = Infinity;
    for (const shape of this.visible) {
      if (!hits(shape.geometry, point, margin, shape.edges)) continue;
      if (this.selection.has(shape.id)) return shape;
      const extent = extentOf(shape.geometry);
      if (!best || extent < smallest) [best, smallest] = [shape, extent];
    }
    return best;
  }

  // ---- hiding and locking ----

  toggleHidden(id: string): void {
    this.hidden = toggled(this.hidden, id);
  }

  toggleLocked(id: string): void {
    this.locked = toggled(this.locked, id);
  }

  /** Select the next object on the visible frame. */
  selectNext(by: 1 | -1): void {
    const ids = this.visible.map(({ id }) => id);
    if (ids.length === 0) return;
    const at = this.selection.only === null ? -1 : ids.indexOf(this.selection.only);
    this.selection.replace(ids[(at + by + ids.length) % ids.length]!);
  }

  /** Select an object of the list; if it is not on the frame, go to the first frame on which it is visible. */
  reveal(id: string): void {
    this.selection.replace(id);
    const object = this.get(id);
    if (!object || shapeAt(object.keyframes, this.playback.frame)) return;
    const first = object.keyframes.find((keyframe) => !keyframe.outside);
    if (first) this.playback.seek(first.frame);
  }
}
