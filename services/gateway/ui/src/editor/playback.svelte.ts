import { readClipIndex } from "../api/media";
import type { Clip, Medium } from "../api/types";
import { secondsOf } from "../frames/clip-index";
import { FrameSource, type Footage } from "../frames/source";
import type { Picture } from "../frames/messages";

const PATIENCE_MS = 160;

/** Which frame is looked at, which one is seen, and playing. */
export class Player {
  /** The frame that was asked for. */
  frame = $state(0);
  /** The frame whose picture is on the screen: labels are shown and changed on this one. */
  shown = $state(-1);
  playing = $state(false);
  /** The picture lets wait for itself. */
  slow = $state(false);
  trouble = $state("");
  count = $state(1);
  fps = $state(30);
  clips = $state.raw<readonly Clip[]>([]);
  picture: Picture | null = null;
  private readonly source: FrameSource;
  private direction: 1 | -1 = 1;
  private clock = 0;
  private startedAt = 0;
  private startedOn = 0;
  private patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    medium: Medium,
    private readonly painted: () => void,
  ) {
    this.source = new FrameSource(
      this.take(medium),
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

  get jpegs(): boolean {
    return this.source.pictures;
  }

  /** The second at which the frame is shown, by its own time stamp where that is known. */
  get seconds(): number {
    const index = this.source.index(this.clip);
    return index ? secondsOf(index, this.frame) : this.frame / this.fps;
  }

  seek(frame: number): void {
    this.pause();
    this.look(frame, frame >= this.frame ? 1 : -1);
  }

  step(by: number): void {
    this.pause();
    this.look(this.frame + by, by > 0 ? 1 : -1);
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

  /** More is known of the medium; `clip` is the one that can be shown, or shown better. */
  learn(medium: Medium, clip: number): void {
    void this.source.learn(this.take(medium), clip);
  }

  close(): void {
    this.pause();
    clearTimeout(this.patience);
    this.source.close();
  }

  /** While a medium is still being counted, its frames go as far as its last clip that is ready. */
  private take(medium: Medium): Footage {
    this.clips = medium.clips;
    this.count = medium.frame_count ?? Math.max(0, ...medium.clips.map((clip) => clip.last)) + 1;
    this.fps = medium.fps ?? 30;
    const { id, width, height, clips } = medium;
    return { media: id, frameCount: this.count, width: width ?? 1, height: height ?? 1, clips };
  }

  private play(): void {
    if (this.frame >= this.count - 1) this.look(0, 1);
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

  /** Go on to the frame that is due, or as far as there are pictures; waiting for one stops the clock. */
  private advance(now: number): void {
    const due = Math.min(this.count - 1, this.startedOn + Math.floor(((now - this.startedAt) * this.fps) / 1000));
    let next = due;
    while (next > this.frame && !this.source.has(next)) next -= 1;
    if (next > this.frame) this.look(next, 1);
    if (next < due) this.restartClock();
    if (this.frame >= this.count - 1) this.pause();
  }

  private look(frame: number, direction: 1 | -1): void {
    this.frame = Math.max(0, Math.min(this.count - 1, frame));
    this.direction = direction;
    this.source.look(this.frame, this.direction, this.playing);
    const picture = this.source.get(this.frame);
    const clip = this.clips[this.clip];
    if (picture) this.paint(picture);
    else if (clip && clip.state !== "ready") this.without(clip.state);
    else this.patience ??= setTimeout(() => (this.slow = true), PATIENCE_MS);
  }

  private arrived(frame: number): void {
    if (frame === this.frame && this.shown !== frame) this.paint(this.source.get(frame) ?? null);
    else if (frame === this.frame) this.paint(this.source.get(frame) ?? this.picture);
  }

  private paint(picture: Picture | null): void {
    clearTimeout(this.patience);
    this.patience = undefined;
    this.slow = false;
    this.trouble = "";
    this.picture = picture;
    this.shown = this.frame;
    this.painted();
  }

  /** There is no picture, yet labels may be looked at. */
  private without(reason: string): void {
    this.paint(null);
    this.trouble = reason;
  }

  private failed(frame: number, reason: string): void {
    if (frame === this.frame || this.shown < 0) this.without(reason);
  }
}
