import type { ObjectState } from "../api/labels";
import { t } from "../i18n/index.svelte";
import { ghost, type RenderShape } from "../render/render-shape";
import { PALETTE } from "../render/palette";
import { short } from "../render/tags";
import type { MediumDocument } from "./document/document";
import { shapeAt, type Shape } from "./document/interpolation";
import { isImageTag } from "./document/labels";
import type { Ontology } from "./ontology";

/** The state on which the shapes of objects depend. */
interface RenderSource {
  readonly document: MediumDocument;
  readonly missions: { readonly ontology: Ontology };
  readonly hidden: ReadonlySet<string>;
  readonly locked: ReadonlySet<string>;
  shapeOf(object: ObjectState): Shape | null;
  numberOf(id: string): number;
}

/** The objects as they are drawn on the visible frame, the farthest first. */
export function renderShapesOf(objects: RenderSource): RenderShape[] {
  const shapes: [number, RenderShape][] = [];
  for (const object of objects.document.objects()) {
    if (objects.hidden.has(object.id) || isImageTag(object)) continue;
    const shape = objects.shapeOf(object);
    if (shape) shapes.push([object.z_order, renderShapeOf(objects, object, shape)]);
  }
  return shapes.sort(([a], [b]) => a - b).map(([, shape]) => shape);
}

function renderShapeOf(objects: RenderSource, object: ObjectState, shape: Shape): RenderShape {
  const { ontology } = objects.missions;
  const score = shape.score !== null && object.source === "model" && !object.done ? ` ${shape.score.toFixed(2)}` : "";
  return {
    id: object.id,
    geometry: shape.geometry,
    keypoints: shape.keypoints,
    rpy: shape.rpy,
    edges: ontology.edges(object),
    solid: shape.solid,
    locked: objects.locked.has(object.id),
    color: ontology.color(object),
    tag: `${short(ontology.typeName(object) ?? ontology.categoryName(object))} ${objects.numberOf(object.id)}${score}`,
  };
}

/** Both versions of every conflicting object. */
export function ghostsOf(document: MediumDocument, frame: number): RenderShape[] {
  const shapes: RenderShape[] = [];
  for (const { mine, theirs } of document.conflicts.values()) {
    const [a, b] = [mine, theirs].map((version) => (version.deleted ? null : shapeAt(version.keyframes, frame)));
    if (a) shapes.push(ghost(a.geometry, PALETTE.light, t("conflict.mine")));
    if (b) shapes.push(ghost(b.geometry, PALETTE.theirs, t("conflict.theirs")));
  }
  return shapes;
}
