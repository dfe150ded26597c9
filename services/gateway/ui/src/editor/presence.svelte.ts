import type { Live, Presence } from "../api/live";

const EVERY_MS = 20_000;
const FORGOTTEN_MS = 50_000;
const AT_MOST_EVERY_MS = 250;

/** Who else has this medium open, and where they are. */
export class Others {
  here = $state.raw<(Presence & { at: number })[]>([]);
  private last = 0;
  private later: ReturnType<typeof setTimeout> | undefined;
  private where: { media: string; frame: number; object?: string };
  private readonly beat: ReturnType<typeof setInterval>;

  constructor(
    private readonly live: () => Live | null,
    private readonly media: string,
  ) {
    this.where = { media, frame: 0 };
    this.beat = setInterval(() => this.live()?.sendPresence(this.where), EVERY_MS);
  }

  hear(told: Presence): void {
    const now = Date.now();
    // A newcomer hears at once who is here already.
    if (!told.gone && !this.here.some((one) => one.tab === told.tab)) this.live()?.sendPresence(this.where);
    const others = this.here.filter((one) => one.tab !== told.tab && now - one.at < FORGOTTEN_MS);
    this.here = told.gone || told.media !== this.media ? others : [...others, { ...told, at: now }];
  }

  /** Tell where this tab is, not too often. */
  moved(frame: number, object: string | null): void {
    this.where = { media: this.media, frame, ...(object ? { object } : {}) };
    const wait = this.last + AT_MOST_EVERY_MS - Date.now();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.tell(), Math.max(0, wait));
  }

  close(): void {
    clearInterval(this.beat);
    clearTimeout(this.later);
  }

  private tell(): void {
    this.last = Date.now();
    this.live()?.sendPresence(this.where);
  }
}
