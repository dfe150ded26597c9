import { readClipIndex } from "../api/media";
import type { Clip, Medium } from "../api/types";
import { secondsOf } from "../frames/clip-index";
import { FrameSource, type Footage } from "../frames/source";
import type { FrameImage } from "../frames/messages";

const SLOW_AFTER_MS = 160;

/** The current frame, and playback. */
export class Playback {
  /** The requested frame. */
  frame = $state(0);
  /** The displayed frame: objects are shown and changed on this one. */
  shown = $state(-1);
  playing = $state(false);
  /** Whether loading takes noticeably long. */
  slow = $state(false);
  /** The reason why no image is displayed: the state of the clip or an error; otherwise empty. */
  missing = $state("");
  count = $state(1);
  fps = $state(30);
  clips = $state.raw<readonly Clip[]>([]);
  image: FrameImage | null = null;
  private readonly source: FrameSource;
  private direction: 1 | -1 = 1;
  private clock = 0;
  private startedAt = 0;
  private startedOn = 0;
  private slowTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    medium: Medium,
    private readonly onframe: () => void,
  ) {
    this.source = new FrameSource(
      this.footageOf(medium),
      (clip) => readClipIndex(medium.id, clip),
      (frame) => this.arrived(frame),
      (frame, reason) => this.failed(frame, reason),
    );
  }

  get clip(): number {
    return this.clips.find((clip) => this.frame >= clip.first && this.frame <= clip.last)?.index ?? 0;
  }

  get rotation(): number {
    return this.source.rotation(this.shown);
  }

  /** The time of the frame in seconds, by its own time stamp if that is known. */
  get seconds(): number {
    const index = this.source.index(this.clip);
    return index ? secondsOf(index, this.frame) : this.frame / this.fps;
  }

  seek(frame: number): void {
    this.pause();
    this.show(frame, frame >= this.frame ? 1 : -1);
  }

  step(by: number): void {
    this.pause();
    this.show(this.frame + by, by > 0 ? 1 : -1);
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  pause(): void {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.clock);
  }

  /** The medium changed: `clip` can be shown, or be shown in a better rendition. */
  update(medium: Medium, clip: number): void {
    void this.source.update(this.footageOf(medium), clip);
  }

  close(): void {
    this.pause();
    clearTimeout(this.slowTimer);
    this.source.close();
  }

  /** The number of frames; until they are counted, those up to the end of the last clip. */
  private footageOf(medium: Medium): Footage {
    this.clips = medium.clips;
    this.count = medium.frame_count ?? Math.max(0, ...medium.clips.map((clip) => clip.last)) + 1;
    this.fps = medium.fps ?? 30;
    const { id, width, height, clips } = medium;
    return { media: id, frameCount: this.count, width: width ?? 1, height: height ?? 1, clips };
  }

  private play(): void {
    if (this.frame >= this.count - 1) this.show(0, 1);
    this.playing = true;
    this.restartClock();
    const tick = (now: number): void => {
      if (!this.playing) return;
      this.advance(now);
      this.clock = requestAnimationFrame(tick);
    };
    this.clock = requestAnimationFrame(tick);
  }

  private restartClock(): void {
    this.startedAt = performance.now();
    this.startedOn = this.frame;
  }

  /** Go to the frame that is due, or as far as frames are decoded; playback waits for a missing one. */
  private advance(now: number): void {
    const due = Math.min(this.count - 1, this.startedOn + Math.floor(((now - this.startedAt) * this.fps) / 1000));
    let next = due;
    while (next > this.frame && !this.source.has(next)) next -= 1;
    if (next > this.frame) this.show(next, 1);
    if (next < due) this.restartClock();
    if (this.frame >= this.count - 1) this.pause();
  }

  private show(frame: number, direction: 1 | -1): void {
    this.frame = Math.max(0, Math.min(this.count - 1, frame));
    this.direction = direction;
    this.source.prefetch(this.frame, this.direction, this.playing);
    const image = this.source.get(this.frame);
    const clip = this.clips[this.clip];
    if (image) this.paint(image);
    else if (clip && clip.state !== "ready") this.showWithoutImage(clip.state);
    else this.slowTimer ??= setTimeout(() => (this.slow = true), SLOW_AFTER_MS);
  }

  private arrived(frame: number): void {
    if (frame === this.frame && this.shown !== frame) this.paint(this.source.get(frame) ?? null);
    else if (frame === this.frame) this.paint(this.source.get(frame) ?? this.image);
  }

  private paint(image: FrameImage | null): void {
    clearTimeout(this.slowTimer);
    this.slowTimer = undefined;
    this.slow = false;
    this.missing = "";
    this.image = image;
    this.shown = this.frame;
    this.onframe();
  }

  /** Show the objects without an image. */
  private showWithoutImage(reason: string): void {
    this.paint(null);
    this.missing = reason;
  }

  private failed(frame: number, reason: string): void {
    if (frame === this.frame || this.shown < 0) this.showWithoutImage(reason);
  }
}
