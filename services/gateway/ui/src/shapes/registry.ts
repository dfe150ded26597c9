/** Every kind of shape by its name, and the operations on shapes of any kind. */
import { bbox } from "./bbox";
import { bitmap } from "./bitmap";
import { circle } from "./circle";
import { cuboid } from "./cuboid";
import { ellipse } from "./ellipse";
import { imageTag } from "./image-tag";
import { fitKeypoints } from "./keypoints";
import type { Dot, Edges, Handle, Insertion, Raster, ShapeKind, Transform } from "./kind";
import { line } from "./line";
import { clampedTo } from "./plane";
import { points } from "./points";
import { polygon } from "./polygon";
import { polyline } from "./polyline";
import { rpy } from "./rpy";
import { skeleton } from "./skeleton";
import type { Angles, AnnotationType, Bounds, Geometry, GeometryOf, Keypoint, Point, Size } from "./types";

const KINDS: { [Kind in AnnotationType]: ShapeKind<GeometryOf<Kind>> } = {
  bbox,
  polygon,
  polyline,
  points,
  skeleton,
  bitmap,
  circle,
  ellipse,
  line,
  cuboid,
  rpy,
  label: imageTag,
};
const DEFAULT_TAG_OFFSET = -17;

/** The kind of a shape; a kind of a newer service has no position and is not changed. */
export function kindOf<Shape extends Geometry>(shape: Shape): ShapeKind<Shape> {
  return (KINDS[shape.kind] ?? imageTag) as unknown as ShapeKind<Shape>;
}

export function matchesContours(kind: AnnotationType): boolean {
  return KINDS[kind]?.matchesContours ?? false;
}

// ---- position ----

export function boundsOf(shape: Geometry): Bounds | null {
  return kindOf(shape).bounds(shape);
}

/** The area of a shape's bounds: of several shapes under the pointer, the smallest is hit. */
export function extentOf(shape: Geometry): number {
  const bounds = boundsOf(shape);
  return bounds ? (bounds.x2 - bounds.x1) * (bounds.y2 - bounds.y1) : Infinity;
}

export function hits(shape: Geometry, point: Point, margin: number, edges: Edges): boolean {
  return kindOf(shape).hits(shape, point, margin, edges);
}

export function keypointsOf(shape: Geometry): readonly Keypoint[] {
  return kindOf(shape).keypoints?.(shape) ?? [];
}

export function anglesOf(shape: Geometry): Angles | null {
  return kindOf(shape).angles?.(shape) ?? null;
}

// ---- painting ----

export function trace(path: CanvasPath, shape: Geometry, view: Transform, edges: Edges): void {
  kindOf(shape).path(path, shape, view, edges);
}

export function isFilled(shape: Geometry): boolean {
  return kindOf(shape).filled ?? false;
}

export function isDashed(shape: Geometry): boolean {
  return kindOf(shape).dashed?.(shape) ?? false;
}

export function uprightOf(shape: Geometry): Bounds | null {
  return kindOf(shape).upright?.(shape) ?? null;
}

/** The pixels of a bitmap, null if there are none or too many; undefined for other kinds. */
export function rasterOf(shape: Geometry): Raster | null | undefined {
  return kindOf(shape).raster?.(shape);
}

export function dotsOf(shape: Geometry): Dot[] {
  return kindOf(shape).dots?.(shape) ?? [];
}

export function overhangOf(shape: Geometry): number {
  return kindOf(shape).overhang ?? 0;
}

/** The anchor of the name of a shape in image pixels, and its vertical offset in CSS pixels. */
export function tagAnchor(shape: Geometry): { at: Point; offset: number } | null {
  const kind = kindOf(shape);
  const bounds = kind.bounds(shape);
  const at = kind.tagAnchor?.(shape) ?? (bounds && { x: bounds.x1, y: bounds.y1 });
  return at && { at, offset: kind.tagOffset ?? DEFAULT_TAG_OFFSET };
}

// ---- changes ----

/** A shape moved by pixels; bitmaps by whole pixels. */
export function movedBy<Shape extends Geometry>(shape: Shape, dx: number, dy: number): Shape {
  return kindOf(shape).move(shape, dx, dy);
}

/** A moved shape pushed back into the image as far as it fits; a rotated box may leave it. */
export function pushedInside<Shape extends Geometry>(shape: Shape, { width, height }: Size): Shape {
  const kind = kindOf(shape);
  const bounds = kind.mayLeave?.(shape) ? null : kind.bounds(shape);
  if (!bounds) return shape;
  const dx = Math.max(-bounds.x1, Math.min(0, width - bounds.x2));
  const dy = Math.max(-bounds.y1, Math.min(0, height - bounds.y2));
  return dx === 0 && dy === 0 ? shape : kind.move(shape, dx, dy);
}

export function handlesOf(shape: Geometry): Handle[] {
  return kindOf(shape).handles?.(shape) ?? [];
}

/** The handle within `reach` of a point, -1 if there is none. The nearest wins, a corner over an edge. */
export function handleAt(shape: Geometry, point: Point, reach: number): number {
  let best = -1;
  let nearest = reach;
  handlesOf(shape).forEach((handle, at) => {
    const away = Math.max(Math.abs(handle.x - point.x), Math.abs(handle.y - point.y)) + (handle.ofEdge ? 1e-6 : 0);
    if (away <= nearest) [best, nearest] = [at, away];
  });
  return best;
}

/** The shape with a handle dragged to a point, within the image. */
export function withHandleAt(shape: Geometry, handle: number, to: Point, image: Size): Geometry {
  const kind = kindOf(shape);
  const target = handlesOf(shape)[handle]?.vertex ? clampedTo(image, to) : to;
  const dragged = kind.dragHandle?.(shape, handle, target) ?? shape;
  return kind.clip?.(dragged, image.width, image.height) ?? dragged;
}

export function insertionAt(shape: Geometry, point: Point, reach: number): Insertion | null {
  return kindOf(shape).insertionAt?.(shape, point, reach) ?? null;
}

export function withoutHandle(shape: Geometry, handle: number): Geometry | null {
  return kindOf(shape).removeHandle?.(shape, handle) ?? null;
}

export function isValid(shape: Geometry): boolean {
  return kindOf(shape).isValid?.(shape) ?? true;
}

/** The shape at `share` (0 to 1) between two keyframes; a kind changes at the second one. */
export function interpolate(from: Geometry, to: Geometry, share: number): Geometry {
  return from.kind === to.kind ? kindOf(from).interpolate(from, to, share) : from;
}

/** The shape of the last keyframe on later frames. */
export function held(shape: Geometry): Geometry {
  return kindOf(shape).held?.(shape) ?? shape;
}

/** Keypoints at the same place relative to a shape that was moved or resized. */
export function carriedAlong(keypoints: readonly Keypoint[], was: Geometry, now: Geometry): Keypoint[] {
  return fitKeypoints(keypoints, boundsOf(was), boundsOf(now));
}
