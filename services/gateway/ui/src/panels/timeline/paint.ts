import type { Keyframe } from "../../api/labels";
import { isSolid, visibleSpans } from "../../editor/api";

export const HEIGHT = 78;
export const MARGIN = 14;
const TICKS_EVERY_PX = 90;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** The content of the timeline. */
export interface TimelineView {
  /** The frames of the clip, inclusive, and the frames of the medium. */
  first: number;
  last: number;
  count: number;
  current: number;
  /** The width of all frames. */
  inner: number;
  /** The number of objects in each part of the clip. */
  density: ArrayLike<number>;
  track: { keyframes: readonly Keyframe[]; color: string } | null;
}

type Context = CanvasRenderingContext2D;

/** The left edge of a frame's cell. */
function left({ first, last, inner }: TimelineView, frame: number): number {
  return MARGIN + ((frame - first) / (last - first + 1)) * inner;
}

function middle(view: TimelineView, frame: number): number {
  return left(view, frame + 0.5);
}

export function frameAt({ first, last, inner }: TimelineView, x: number): number {
  return Math.max(first, Math.min(last, first + Math.floor(((x - MARGIN) / inner) * (last - first + 1))));
}

export function paintTimeline(canvas: HTMLCanvasElement, width: number, view: TimelineView): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  const context = canvas.getContext("2d")!;
  const style = getComputedStyle(canvas);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, HEIGHT);
  paintRuler(context, view, color("timeline-ruler"));
  paintDensity(context, view, color("timeline-lane"), color("timeline-density"));
  paintTrack(context, view, color("timeline-lane"), color("canvas-ink"));
  paintPlayhead(context, view, color("canvas-light"));
}

function paintRuler(context: Context, view: TimelineView, color: string): void {
  const { first, last, inner } = view;
  const framesPerTick = ((last - first + 1) * TICKS_EVERY_PX) / inner;
  const step = STEPS.find((step) => step >= framesPerTick) ?? STEPS.at(-1)!;
  context.font = "10px system-ui, sans-serif";
  context.fillStyle = color;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (let frame = Math.ceil((first + 1) / step) * step - 1; frame <= last; frame += step) {
    if (frame < first) continue;
    context.fillRect(Math.round(middle(view, frame)), 16, 1, 4);
    context.fillText(String(frame + 1), middle(view, frame), 4);
  }
}

function paintDensity(context: Context, { density, inner }: TimelineView, lane: string, color: string): void {
  const counts = Array.from(density);
  const most = Math.max(1, ...counts);
  const cell = inner / counts.length;
  context.fillStyle = lane;
  context.fillRect(MARGIN, 22, inner, 20);
  context.fillStyle = color;
  counts.forEach((count, at) => {
    if (count === 0) return;
    const height = 3 + (count / most) * 17;
    context.globalAlpha = 0.35 + (count / most) * 0.5;
    const [from, to] = [Math.round(at * cell), Math.round((at + 1) * cell)];
    context.fillRect(MARGIN + from, 42 - height, to - from, height);
  });
  context.globalAlpha = 1;
}

function paintTrack(context: Context, view: TimelineView, lane: string, ink: string): void {
  const { first, last, count, inner, track } = view;
  context.fillStyle = lane;
  context.fillRect(MARGIN, 50, inner, 18);
  if (!track) return;
  const { keyframes, color } = track;
  context.save();
  context.beginPath();
  context.rect(MARGIN - 6, 46, inner + 12, 26);
  context.clip();
  context.fillStyle = color;
  context.globalAlpha = 0.35;
  for (const [from, to] of visibleSpans(keyframes, count - 1))
    if (to >= first && from <= last)
      context.fillRect(left(view, from), 56, Math.max(2, left(view, to + 1) - left(view, from)), 6);
  context.globalAlpha = 1;
  const here = keyframes.filter(({ frame }) => frame >= first && frame <= last);
  const isOwn = (keyframe: Keyframe): boolean => isSolid(keyframe) || keyframe.outside;
  // Generated keyframes may be on every frame: a thin line each, below the manual ones.
  for (const { frame } of here.filter((keyframe) => !isOwn(keyframe))) context.fillRect(middle(view, frame) - 0.5, 55, 1, 8);
  for (const { frame, outside } of here.filter(isOwn))
    paintDiamond(context, middle(view, frame), outside ? { fill: lane, stroke: color } : { fill: color, stroke: ink });
  context.restore();
}

function paintDiamond(context: Context, x: number, { fill, stroke }: { fill: string; stroke: string }): void {
  const [y, half] = [59, 5.5];
  context.beginPath();
  context.moveTo(x, y - half);
  context.lineTo(x + half, y);
  context.lineTo(x, y + half);
  context.lineTo(x - half, y);
  context.closePath();
  context.fillStyle = fill;
  context.strokeStyle = stroke;
  context.lineWidth = 1.25;
  context.fill();
  context.stroke();
}

function paintPlayhead(context: Context, view: TimelineView, color: string): void {
  const at = Math.round(middle(view, view.current));
  context.fillStyle = color;
  context.fillRect(at - 0.5, 16, 1.5, HEIGHT - 22);
  context.beginPath();
  context.moveTo(at - 5, 14);
  context.lineTo(at + 5.5, 14);
  context.lineTo(at + 0.25, 21);
  context.fill();
}
