import type { Bounds, Geometry, Pair, Point } from "./types";

/** How picture pixels map to the screen: CSS pixel = offset + picture pixel × scale. */
export interface Transform {
  x: number;
  y: number;
  scale: number;
}

/** Pairs of keypoint names that a skeleton's lines join. */
export type Edges = readonly (readonly [string, string])[];

/** A place at which a shape can be dragged. */
export interface Handle extends Point {
  cursor: string;
  /** A vertex is drawn round, a handle of a frame square. */
  vertex: boolean;
  /** Of two handles at the same distance, the one of an edge gives way to that of a corner. */
  ofEdge?: boolean;
}

/** A place on an outline where a vertex can be inserted, the shape with it, and the vertex's handle. */
export interface Insertion<Shape extends Geometry = Geometry> {
  at: Point;
  shape: Shape;
  handle: number;
}

export interface Dot extends Point {
  name: string;
  /** A point that is hidden in the picture is drawn hollow. */
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
 * One kind of shape. Everything that depends on the kind is here: other code asks through `shapes/registry`. A geometry is
 * kept in the form in which it is stored, so that there is nothing to serialize.
 */
export interface ShapeKind<Shape extends Geometry> {
  /** The rectangle around the shape; null if it has no position. */
  bounds(shape: Shape): Bounds | null;
  /** Whether a point is on the shape or within `margin` of it. */
  hits(shape: Shape, point: Point, margin: number, edges: Edges): boolean;
  /** Add the shape's lines to a path, in CSS pixels. */
  path(path: CanvasPath, shape: Shape, view: Transform, edges: Edges): void;
  move(shape: Shape, dx: number, dy: number): Shape;
  /** The shape `share` (0 to 1) of the way from one keyframe to the next. */
  interpolate(from: Shape, to: Shape, share: number): Shape;

  /** Whether a selected shape is filled. */
  filled?: boolean;
  /** Whether the lines are dashed by themselves, on any frame. */
  dashed?(shape: Shape): boolean;
  /** The rectangle of a shape that is just an upright rectangle; it is drawn the fast way. */
  upright?(shape: Shape): Bounds | null;
  raster?(shape: Shape): Raster | null;
  dots?(shape: Shape): Dot[];
  keypoints?(shape: Shape): Shape extends { keypoints: infer Found } ? Found : never;
  angles?(shape: Shape): Shape extends { angles: infer Found } ? Found : never;
  /** Where the name is drawn, if not at the top left of the bounds. */
  tagAnchor?(shape: Shape): Point;
  /** From the anchor to the top of the name, in CSS pixels. */
  tagOffset?: number;
  /** How far the drawing may reach beyond the bounds, in CSS pixels. */
  overhang?: number;
  /** Interpolating needs a correspondence of contours, which is worth preparing. */
  matchesContours?: boolean;

  handles?(shape: Shape): Handle[];
  /** The shape with a handle dragged to a point. */
  dragHandle?(shape: Shape, handle: number, to: Point): Shape;
  insertionAt?(shape: Shape, point: Point, reach: number): Insertion<Shape> | null;
  /** The shape without a vertex; null if too little would be left. */
  removeHandle?(shape: Shape, handle: number): Shape | null;
  /** Whether the shape may be stored as it is; a person's drag is dropped otherwise. */
  isValid?(shape: Shape): boolean;
  /** The last keyframe's shape on later frames. */
  held?(shape: Shape): Shape;
  /** Cut to the picture after a handle was dragged. */
  clip?(shape: Shape, width: number, height: number): Shape;
  /** Whether a moved shape may leave the picture. */
  mayLeave?(shape: Shape): boolean;
}

export type Ring = readonly Pair[];
