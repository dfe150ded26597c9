import { mix } from "./plane";
import type { Bounds, Keypoint } from "./types";

export function moveKeypoints(keypoints: readonly Keypoint[], dx: number, dy: number): Keypoint[] {
  return keypoints.map((point) => ({ ...point, x: point.x + dx, y: point.y + dy }));
}

/** Points of the same name move linearly; points that the next keyframe lacks do not move. */
export function interpolateKeypoints(from: Keypoint[], to: readonly Keypoint[], share: number): Keypoint[] {
  if (from.length === 0) return from;
  const byName = new Map(to.map((point) => [point.name, point]));
  return from.map((point) => {
    const next = byName.get(point.name) ?? point;
    return { ...point, x: mix(point.x, next.x, share), y: mix(point.y, next.y, share) };
  });
}

/** Keypoints at the same place relative to a shape whose bounds changed. */
export function fitKeypoints(keypoints: readonly Keypoint[], was: Bounds | null, now: Bounds | null): Keypoint[] {
  if (!was || !now || keypoints.length === 0) return [...keypoints];
  const scaleX = was.x2 > was.x1 ? (now.x2 - now.x1) / (was.x2 - was.x1) : 1;
  const scaleY = was.y2 > was.y1 ? (now.y2 - now.y1) / (was.y2 - was.y1) : 1;
  const fit = (point: Keypoint): Keypoint => ({
    ...point,
    x: now.x1 + (point.x - was.x1) * scaleX,
    y: now.y1 + (point.y - was.y1) * scaleY,
  });
  return keypoints.map(fit);
}
