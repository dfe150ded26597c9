import { type MediaFilter, listMedia, readMedium } from "../../../api/media";
import type { LiveMessage } from "../../../api/live";
import { asProblem } from "../../../api/problem";
import type { Medium } from "../../../api/types";
import { errorMessage } from "../../../toasts.svelte";

const GATHER_MS = 150;
const AT_ONCE = 4;

/** The media of a project: pages are loaded on scroll, single cards are refreshed by the live stream. */
export class MediaList {
  items = $state.raw<Medium[]>([]);
  loaded = $state(false);
  failed = $state("");
  /** The progress of auto-labeling by medium. */
  labeling = $state.raw<Record<string, number>>({});
  private cursor: string | null = null;
  private filter: MediaFilter = {};
  private reading = false;
  private round = 0;
  private readonly stale = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly project: string) {}

  get filtered(): boolean {
    return Object.values(this.filter).some(Boolean);
  }

  /** Start over with other filters. */
  async search(filter: MediaFilter): Promise<void> {
    this.filter = filter;
    this.cursor = null;
    this.reading = false;
    await this.read(true);
  }

  /** Load the next page, if there is one. */
  async more(): Promise<void> {
    if (this.cursor && !this.reading) await this.read(false);
  }

  reload(): Promise<void> {
    return this.search(this.filter);
  }

  receive(message: LiveMessage): void {
    if (message.type === "reset") void this.reload();
    else if (message.type === "media.deleted") this.drop(message.data.media_id);
    else if (message.type === "run.changed") this.noteRun(message.data);
    else if (message.type.startsWith("media.") || message.type.startsWith("clip.")) {
      const { data } = message as { data: { media_id: string } };
      this.refresh(data.media_id);
    }
  }

  /** Update or add a medium. */
  put(medium: Medium): void {
    const at = this.items.findIndex((item) => item.id === medium.id);
    if (at >= 0) this.items = this.items.with(at, medium);
    else if (!this.filtered) this.items = [medium, ...this.items];
    else void this.reload();
  }

  drop(id: string): void {
    this.items = this.items.filter((item) => item.id !== id);
  }

  private noteRun(run: { media: string[]; state: string; progress: number }): void {
    const working = run.state === "queued" || run.state === "running";
    const labeling = { ...this.labeling };
    for (const id of run.media) {
      if (working) labeling[id] = run.progress;
      else delete labeling[id];
      if (run.state === "done") this.refresh(id);
    }
    this.labeling = labeling;
  }

  private async read(anew: boolean): Promise<void> {
    this.reading = true;
    const round = ++this.round;
    try {
      const page = await listMedia(this.project, this.filter, anew ? undefined : (this.cursor ?? undefined));
      if (round !== this.round) return;
      const known = new Set(anew ? [] : this.items.map((item) => item.id));
      this.items = [...(anew ? [] : this.items), ...page.items.filter((item) => !known.has(item.id))];
      this.cursor = page.next_cursor ?? null;
      this.failed = "";
    } catch (error) {
      if (round === this.round) this.failed = errorMessage(error);
    }
    this.loaded = true;
    this.reading = false;
  }

  private refresh(id: string): void {
    this.stale.add(id);
    this.timer ??= setTimeout(() => void this.readStale(), GATHER_MS);
  }

  private async readStale(): Promise<void> {
    const ids = [...this.stale];
    this.stale.clear();
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => this.readOne(id)));
    }
    this.timer = undefined;
    if (this.stale.size > 0) this.timer = setTimeout(() => void this.readStale(), GATHER_MS);
  }

  private async readOne(id: string): Promise<void> {
    try {
      this.put(await readMedium(id));
    } catch (error) {
      if (asProblem(error).status === 404) this.drop(id);
    }
  }
}
