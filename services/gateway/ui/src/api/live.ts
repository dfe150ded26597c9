import type { ObjectState } from "../editor/document/labels";
import type { Import, Medium, Run } from "./types";

export interface Presence {
  tab: string;
  user: { id: string; name: string };
  gone: boolean;
  media?: string;
  frame?: number;
  object?: string;
}

/** How far a run is, as the stream tells it; the run itself knows more. */
export type RunNews = Pick<Run, "kind" | "state" | "model" | "media" | "progress" | "reason"> & { run_id: string };

/** How far an import is, as the stream tells it; `skipped` is how many rows, the import itself knows which. */
export type ImportNews = Pick<
  Import,
  "name" | "state" | "progress" | "dry_run" | "created" | "unchanged" | "refused" | "reason"
> & { import_id: string; skipped: number };

/** The facts of the live stream that a screen uses; more come, and are passed over. */
export type LiveMessage =
  | { type: "hello" | "beat" | "reset"; sequence: number }
  | { type: "opened"; media: string | null; sequence: number }
  | { type: "presence"; data: Presence }
  | { type: "media.stored" | "media.deleted" | "media.planned" | "media.ready"; sequence: number; data: { media_id: string } }
  | { type: "media.failed"; sequence: number; data: { media_id: string; reason: string } }
  | { type: "clip.ready"; sequence: number; data: { media_id: string; clip: number; first: number; last: number } }
  | {
      type: "clip.state";
      sequence: number;
      data: { media_id: string; clip: number; label_state: Medium["label_state"]; objects: number };
    }
  | {
      type: "annotation.changed";
      sequence: number;
      data: { media_id: string; object_id: string; author: string; session: string | null; object: ObjectState | null };
    }
  | { type: "labels.suggested"; sequence: number; data: { media_id: string; clip: number; count: number } }
  | { type: "labels.tracked"; sequence: number; data: { media_id: string; object_id: string; run_id: string; stopped_at: number | null } }
  | { type: "mission.changed"; sequence: number; data: { mission_id: string; revision: number } }
  | { type: "run.changed"; sequence: number; data: RunNews }
  | { type: "export.changed"; sequence: number; data: { export_id: string; state: string; progress: number } }
  | { type: "import.changed"; sequence: number; data: ImportNews }
  | { type: "export.ready"; sequence: number; data: { export_id: string } };

const PAUSES_MS = [300, 1000, 2000, 5000, 10_000];
/** The service beats every 20 s; without a sign of life for longer the connection is dead. */
const SILENCE_MS = 50_000;

/** One WebSocket for this tab: reconnects by itself and goes on where it was. */
export class Live {
  connected = false;
  private socket: WebSocket | null = null;
  private since: number | null = null;
  private attempts = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    private readonly project: string,
    private readonly media: string | null,
    private readonly hear: (message: LiveMessage) => void,
    private readonly changed: () => void = () => undefined,
  ) {
    this.connect();
  }

  /** Tell the others where this tab is. */
  tell(presence: { media: string; frame: number; object?: string }): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ presence }));
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    this.socket?.close();
  }

  private connect(): void {
    const query = new URLSearchParams({ project: this.project });
    if (this.since !== null) query.set("since", String(this.since));
    if (this.media) query.set("media", this.media);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/live?${query}`);
    this.socket = socket;
    socket.onmessage = ({ data }: MessageEvent<string>) => this.receive(JSON.parse(data) as LiveMessage);
    socket.onclose = () => this.lost();
  }

  private receive(message: LiveMessage): void {
    this.attempts = 0;
    this.listenForLife();
    if ("sequence" in message) {
      // `hello` repeats where this tab was: what it missed comes after it.
      if (this.since === null || message.sequence > this.since || message.type === "reset")
        this.since = message.sequence;
    }
    if (message.type === "hello") this.mark(true);
    this.hear(message);
  }

  private listenForLife(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.socket?.close(), SILENCE_MS);
  }

  private lost(): void {
    clearTimeout(this.silence);
    this.mark(false);
    if (this.closed) return;
    const pause = PAUSES_MS[Math.min(this.attempts, PAUSES_MS.length - 1)] ?? 1000;
    this.attempts += 1;
    this.timer = setTimeout(() => this.connect(), pause);
  }

  private mark(connected: boolean): void {
    if (this.connected === connected) return;
    this.connected = connected;
    this.changed();
  }
}
