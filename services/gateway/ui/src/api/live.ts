import type { Import, Medium, ObjectState, Run } from "./types";

export interface Presence {
  tab: string;
  user: { id: string; name: string };
  gone: boolean;
  media?: string;
  frame?: number;
  object?: string;
}

/** The progress of a run in the stream, a part of the run itself. */
export type RunProgress = Pick<Run, "kind" | "state" | "model" | "media" | "progress" | "reason"> & { run_id: string };

/** The progress of an import in the stream; `skipped` counts the rows listed in the import. */
export type ImportProgress = Pick<
  Import,
  "name" | "state" | "progress" | "dry_run" | "created" | "unchanged" | "refused" | "reason"
> & { import_id: string; skipped: number };

/** The messages of the live stream that a screen uses; others are ignored. */
export type LiveMessage =
  | { type: "hello" | "heartbeat" | "reset"; sequence: number }
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
  | { type: "run.changed"; sequence: number; data: RunProgress }
  | { type: "export.changed"; sequence: number; data: { export_id: string; state: string; progress: number } }
  | { type: "import.changed"; sequence: number; data: ImportProgress }
  | { type: "export.ready"; sequence: number; data: { export_id: string } };

const PAUSES_MS = [300, 1000, 2000, 5000, 10_000];
/** The service sends a heartbeat every 20 s; a connection without messages for longer is lost. */
const SILENCE_MS = 50_000;

/** The WebSocket of this tab: reconnects by itself and resumes after the last message it received. */
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
    private readonly onMessage: (message: LiveMessage) => void,
    private readonly onStateChange: () => void = () => undefined,
  ) {
    this.connect();
  }

  /** Send the position of this tab to other members. */
  sendPresence(presence: { media: string; frame: number; object?: string }): void {
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
    socket.onclose = () => this.reconnect();
  }

  private receive(message: LiveMessage): void {
    this.attempts = 0;
    this.restartSilenceTimer();
    if ("sequence" in message) {
      // `hello` has the last sequence of this tab; the missed messages follow.
      if (this.since === null || message.sequence > this.since || message.type === "reset")
        this.since = message.sequence;
    }
    if (message.type === "hello") this.setConnected(true);
    this.onMessage(message);
  }

  private restartSilenceTimer(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.socket?.close(), SILENCE_MS);
  }

  private reconnect(): void {
    clearTimeout(this.silence);
    this.setConnected(false);
    if (this.closed) return;
    const pause = PAUSES_MS[Math.min(this.attempts, PAUSES_MS.length - 1)] ?? 1000;
    this.attempts += 1;
    this.timer = setTimeout(() => this.connect(), pause);
  }

  private setConnected(connected: boolean): void {
    if (this.connected === connected) return;
    this.connected = connected;
    this.onStateChange();
  }
}
