/** Where a thing is on a picture: one kind of shape each. Float pixels, x right, y down; degrees clockwise as seen. */

export type Pair = [number, number];

export interface Box {
  kind: "bbox";
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** Degrees clockwise about the centre. */
  rotation: number;
}

/** A closed outline and what is cut out of it; the last point joins the first without being repeated. */
export interface Part {
  outer: Pair[];
  holes: Pair[][];
}

export interface Polygon {
  kind: "polygon";
  parts: Part[];
}

export interface Polyline {
  kind: "polyline";
  points: Pair[];
}

export interface Points {
  kind: "points";
  points: Pair[];
}

/** A named point of a thing; not `visible` where it is known but hidden. One that is not known is left out. */
export interface Keypoint {
  name: string;
  x: number;
  y: number;
  visible: boolean;
}

export interface Skeleton {
  kind: "skeleton";
  keypoints: Keypoint[];
}

/** Pixels of a rectangle, row by row: lengths of runs outside and inside in turn, the first one outside. */
export interface Bitmap {
  kind: "bitmap";
  x: number;
  y: number;
  width: number;
  height: number;
  runs: number[];
}

export interface Circle {
  kind: "circle";
  cx: number;
  cy: number;
  r: number;
}

export interface Ellipse {
  kind: "ellipse";
  cx: number;
  cy: number;
  rx: number;
  ry: number;
  rotation: number;
}

export interface Line {
  kind: "line";
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  dashed: boolean;
}

/** Eight corners as seen: front face first, each face top-left, top-right, bottom-right, bottom-left. */
export interface Cuboid {
  kind: "cuboid";
  points: Pair[];
}

/** How a thing is turned in space, in degrees from -180 to 180. */
export interface Angles {
  roll: number;
  pitch: number;
  yaw: number;
}

export interface Rpy {
  kind: "rpy";
  x: number;
  y: number;
  angles: Angles;
}

/** All of the picture: what a label of a whole image, or of a span of a video, covers. */
export interface Whole {
  kind: "label";
}

export type Geometry =
  | Box
  | Polygon
  | Polyline
  | Points
  | Skeleton
  | Bitmap
  | Circle
  | Ellipse
  | Line
  | Cuboid
  | Rpy
  | Whole;

export type AnnotationType = Geometry["kind"];

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

/** Whether a kind is known here; a newer service may know more. */
export function isKnown(kind: string): kind is AnnotationType {
  return (ANNOTATION_TYPES as readonly string[]).includes(kind);
}
