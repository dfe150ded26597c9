import { ghost, type Drawn } from "../render/render-shape";
import { short } from "../render/tags";
import { shapeAt, type Shape } from "./document/interpolation";
import type { ObjectState } from "./document/labels";
import { t } from "../i18n/index.svelte";
import type { Workbench } from "./store.svelte";

const MINE = "#ffffff";
const THEIRS = "#f0a35e";

/** The objects as they are drawn on the frame that is seen, the farthest first. */
export function drawings(bench: Workbench): Drawn[] {
  const shapes: [number, Drawn][] = [];
  for (const object of bench.document.objects()) {
    if (bench.hidden.has(object.id) || object.annotation_type === "label") continue;
    const shape = shapeAt(object.keyframes, bench.player.shown);
    if (shape) shapes.push([object.z_order, drawing(bench, object, shape)]);
  }
  return shapes.sort(([a], [b]) => a - b).map(([, drawn]) => drawn);
}

function drawing(bench: Workbench, object: ObjectState, shape: Shape): Drawn {
  const { ontology } = bench;
  const score = shape.score !== null && object.source === "model" && !object.done ? ` ${shape.score.toFixed(2)}` : "";
  return {
    id: object.id,
    geometry: shape.geometry,
    keypoints: shape.keypoints,
    rpy: shape.rpy,
    edges: shape.geometry.kind === "skeleton" ? ontology.edges(object) : [],
    solid: shape.solid,
    locked: bench.locked.has(object.id),
    color: ontology.color(object),
    tag: `${short(ontology.typeName(object) ?? ontology.categoryName(object))} ${bench.numberOf(object.id)}${score}`,
  };
}

/** Both versions of every object in a conflict. */
export function ghosts(bench: Workbench): Drawn[] {
  const found: Drawn[] = [];
  for (const { mine, theirs } of bench.document.conflicts.values()) {
    const [a, b] = [mine, theirs].map((one) => (one.deleted ? null : shapeAt(one.keyframes, bench.player.shown)));
    if (a) found.push(ghost(a.geometry, MINE, t("conflict.mine")));
    if (b) found.push(ghost(b.geometry, THEIRS, t("conflict.theirs")));
  }
  return found;
}
