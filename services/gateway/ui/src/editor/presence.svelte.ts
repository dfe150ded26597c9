import type { Live, Presence as PresenceMessage } from "../api/live";

const REPEAT_MS = 20_000;
const GONE_AFTER_MS = 50_000;
const MIN_INTERVAL_MS = 250;

/** The other users with this medium open, and their frames. */
export class Presence {
  others = $state.raw<(PresenceMessage & { at: number })[]>([]);
  private last = 0;
  private pending: ReturnType<typeof setTimeout> | undefined;
  private position: { media: string; frame: number; object?: string };
  private readonly heartbeat: ReturnType<typeof setInterval>;

  constructor(
    private readonly live: () => Live | null,
    private readonly media: string,
  ) {
    this.position = { media, frame: 0 };
    this.heartbeat = setInterval(() => this.live()?.sendPresence(this.position), REPEAT_MS);
  }

  receive(message: PresenceMessage): void {
    const now = Date.now();
    // Announce this tab to a new one at once.
    if (!message.gone && !this.others.some((other) => other.tab === message.tab)) this.live()?.sendPresence(this.position);
    const rest = this.others.filter((other) => other.tab !== message.tab && now - other.at < GONE_AFTER_MS);
    this.others = message.gone || message.media !== this.media ? rest : [...rest, { ...message, at: now }];
  }

  /** Publish the position of this tab, at a limited rate. */
  report(frame: number, object: string | null): void {
    this.position = { media: this.media, frame, ...(object ? { object } : {}) };
    const wait = this.last + MIN_INTERVAL_MS - Date.now();
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.publish(), Math.max(0, wait));
  }

  close(): void {
    clearInterval(this.heartbeat);
    clearTimeout(this.pending);
  }

  private publish(): void {
    this.last = Date.now();
    this.live()?.sendPresence(this.position);
  }
}
