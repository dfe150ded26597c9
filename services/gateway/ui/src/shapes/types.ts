/** Shapes on an image. Float pixels, x right, y down; degrees clockwise as seen. */
import type { Keyframe } from "../api/labels";

export type Geometry = Keyframe["geometry"];
export type AnnotationType = Geometry["kind"];
export type GeometryOf<Kind extends AnnotationType> = Extract<Geometry, { kind: Kind }>;

export type Box = GeometryOf<"bbox">;
export type Polygon = GeometryOf<"polygon">;
export type Part = Polygon["parts"][number];
export type Polyline = GeometryOf<"polyline">;
export type Skeleton = GeometryOf<"skeleton">;
export type Keypoint = Skeleton["keypoints"][number];
export type Bitmap = GeometryOf<"bitmap">;
export type Cuboid = GeometryOf<"cuboid">;
export type Rpy = GeometryOf<"rpy">;
export type Angles = Rpy["angles"];

export type Pair = [number, number];

export interface Point {
  x: number;
  y: number;
}

/** An axis-aligned rectangle. */
export interface Bounds {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

export interface Size {
  width: number;
  height: number;
}

export const ANNOTATION_TYPES = [
  "bbox",
  "polygon",
  "polyline",
  "points",
  "skeleton",
  "bitmap",
  "circle",
  "ellipse",
  "line",
  "cuboid",
  "rpy",
  "label",
] as const satisfies readonly AnnotationType[];

/** Whether this version of the application knows a kind; a newer service may have more. */
export function isKnown(kind: string): kind is AnnotationType {
  return (ANNOTATION_TYPES as readonly string[]).includes(kind);
}
