import type { Bounds, Geometry, Pair, Point } from "./types";

/** The mapping of image pixels to the screen: CSS pixel = offset + image pixel × scale. */
export interface Transform {
  x: number;
  y: number;
  scale: number;
}

/** The edges of a skeleton, as pairs of keypoint names. */
export type Edges = readonly (readonly [string, string])[];

/** A point at which a shape can be dragged. */
export interface Handle extends Point {
  cursor: string;
  /** Vertices are round, other handles are square. */
  vertex: boolean;
  /** Of two handles at the same distance, a corner takes precedence over an edge. */
  ofEdge?: boolean;
}

/** A point on a contour where a vertex can be inserted, the shape with that vertex, and its handle. */
export interface Insertion<Shape extends Geometry = Geometry> {
  at: Point;
  shape: Shape;
  handle: number;
}

export interface Dot extends Point {
  name: string;
  /** Points that are hidden in the image are hollow. */
  filled: boolean;
}

/** Pixels that are drawn as an image. */
export interface Raster {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Identifies the pixels; it stays the same while the shape is moved. */
  key: object;
  /** For each pixel 0 outside, 1 inside, 2 on the rim. */
  marks(): Uint8Array;
}

/**
 * One kind of shape, with everything that depends on the kind; other code uses it through `shapes/registry`. A geometry is
 * kept in its stored form and needs no serialization.
 */
export interface ShapeKind<Shape extends Geometry> {
  /** The rectangle around the shape; null if it has no position. */
  bounds(shape: Shape): Bounds | null;
  /** Whether a point is on the shape or within `margin` of it. */
  hits(shape: Shape, point: Point, margin: number, edges: Edges): boolean;
  /** Add the lines of the shape to a path, in CSS pixels. */
  path(path: CanvasPath, shape: Shape, view: Transform, edges: Edges): void;
  move(shape: Shape, dx: number, dy: number): Shape;
  /** The shape at `share` (0 to 1) between two keyframes. */
  interpolate(from: Shape, to: Shape, share: number): Shape;

  /** Whether a selected shape is filled. */
  filled?: boolean;
  /** Whether the shape itself is dashed, on every frame. */
  dashed?(shape: Shape): boolean;
  /** The rectangle of a shape that is an upright rectangle, which is painted faster. */
  upright?(shape: Shape): Bounds | null;
  raster?(shape: Shape): Raster | null;
  dots?(shape: Shape): Dot[];
  keypoints?(shape: Shape): Shape extends { keypoints: infer Found } ? Found : never;
  angles?(shape: Shape): Shape extends { angles: infer Found } ? Found : never;
  /** The anchor of the name, if not the top left corner of the bounds. */
  tagAnchor?(shape: Shape): Point;
  /** From the anchor to the top of the name, in CSS pixels. */
  tagOffset?: number;
  /** The overhang of the drawing beyond the bounds, in CSS pixels. */
  overhang?: number;
  /** Whether interpolation needs contour correspondences, which are prepared in advance. */
  matchesContours?: boolean;

  handles?(shape: Shape): Handle[];
  /** The shape with a handle dragged to a point. */
  dragHandle?(shape: Shape, handle: number, to: Point): Shape;
  insertionAt?(shape: Shape, point: Point, reach: number): Insertion<Shape> | null;
  /** The shape without a vertex; null if too little would be left. */
  removeHandle?(shape: Shape, handle: number): Shape | null;
  /** Whether the shape is valid; otherwise, a drag is discarded. */
  isValid?(shape: Shape): boolean;
  /** The shape on frames after the last keyframe. */
  held?(shape: Shape): Shape;
  /** Clip to the image after a handle was dragged. */
  clip?(shape: Shape, width: number, height: number): Shape;
  /** Whether a moved shape may leave the image. */
  mayLeave?(shape: Shape): boolean;
}

export type Ring = readonly Pair[];
