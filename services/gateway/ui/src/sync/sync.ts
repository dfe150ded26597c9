import type { Edit, EditResult, PendingEdit } from "../api/edits";
import { Problem } from "../api/problem";
import type { Reason } from "../i18n/reasons";
import type { RefusedEdit } from "./database";
import type { Outbox } from "./outbox";

export type SyncState = "saved" | "saving" | "offline" | "signed-out";
type Send = (edits: Edit[]) => Promise<EditResult[]>;

/** The edits of a document that have no result yet. */
export interface EditQueue {
  readonly pending: readonly PendingEdit[];
  restorePending(edits: readonly PendingEdit[]): void;
  nextBatch(limit: number): Edit[];
  requeue(): void;
  applyResults(results: readonly EditResult[]): string[];
  takeRefusals(): { edit: Edit; reason: Reason }[];
  subscribe(listener: () => void): () => void;
}

const GATHER_MS = 250;
const BATCH = 200;
const STORED_WITHIN_MS = 15_000;
const BACKOFF_MS = [1000, 2000, 4000, 8000, 15_000, 30_000];
/** Responses that stay the same however often the request is repeated. */
const PERMANENT = [400, 404, 413, 422];

/** Sends edits to the service: they are stored in the browser first, sent in batches, and never dropped. */
export class Sync {
  state: SyncState = "saved";
  quarantine: RefusedEdit[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private stopped = false;
  private readonly wake = (): void => this.retryNow();

  constructor(
    private readonly queue: EditQueue,
    private readonly outbox: Outbox,
    private readonly media: string,
    private readonly send: Send,
    private readonly onchange: () => void,
  ) {}

  /** Restore the edits of an earlier visit, and send whenever the network comes back. */
  async start(): Promise<void> {
    globalThis.addEventListener?.("online", this.wake);
    this.quarantine = await this.outbox.quarantined();
    this.queue.restorePending(await this.outbox.pending());
    this.schedule(0);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    globalThis.removeEventListener?.("online", this.wake);
  }

  get waiting(): number {
    return this.queue.pending.length;
  }

  /** Store edits in this browser, then send them. */
  enqueue(edits: readonly PendingEdit[]): void {
    if (edits.length === 0) return;
    this.setState(this.state === "saved" ? "saving" : this.state);
    this.outbox.put(edits).then(
      () => this.schedule(GATHER_MS),
      // Without IndexedDB (a private window, a full disk) the edits are sent from memory.
      () => this.schedule(0),
    );
  }

  /** Edits that are not sent any more. */
  discard(ids: readonly string[]): void {
    void this.outbox.remove(ids);
  }

  /** Remove a refused edit for good. */
  dismissRefused(id: string): void {
    this.quarantine = this.quarantine.filter((edit) => edit.id !== id);
    void this.outbox.dismiss(id);
    this.onchange();
  }

  /** Try at once: after logging in again, or when the network is back. */
  retryNow(): void {
    this.failures = 0;
    this.schedule(0);
  }

  /** Resolves once all edits of an object have a result; false if that takes too long. */
  stored(object: string): Promise<boolean> {
    const isPending = (): boolean => this.queue.pending.some(({ edit }) => edit.object === object);
    if (!isPending()) return Promise.resolve(true);
    this.retryNow();
    return new Promise((resolve) => {
      const end = (stored: boolean): void => {
        unsubscribe();
        clearTimeout(timer);
        resolve(stored);
      };
      const unsubscribe = this.queue.subscribe(() => isPending() || end(true));
      const timer = setTimeout(() => end(false), STORED_WITHIN_MS);
    });
  }

  private schedule(delay: number): void {
    if (this.stopped) return;
    if (this.timer !== undefined && delay > 0) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), delay);
  }

  private async flush(): Promise<void> {
    this.timer = undefined;
    const edits = this.queue.nextBatch(this.failures > 0 ? 1 : BATCH);
    if (edits.length === 0) {
      if (this.waiting === 0) this.setState("saved");
      return;
    }
    this.setState("saving");
    try {
      await this.finish(edits, await this.send(edits));
      this.failures = 0;
      this.setState(this.waiting > 0 ? "saving" : "saved");
      if (this.waiting > 0) this.schedule(GATHER_MS);
    } catch (error) {
      await this.fail(edits, error);
    }
  }

  private async finish(edits: Edit[], results: EditResult[]): Promise<void> {
    const finished = this.queue.applyResults(results);
    const at = Date.now();
    const refused = this.queue.takeRefusals().map((refusal) => ({ ...refusal, id: refusal.edit.id, media: this.media, at }));
    const answered = new Set(results.map((result) => result.id));
    if (edits.some((edit) => !answered.has(edit.id))) this.queue.requeue();
    await this.outbox.remove(finished);
    await this.putInQuarantine(refused);
  }

  private async fail(edits: Edit[], error: unknown): Promise<void> {
    if (error instanceof Problem && error.status === 401) {
      this.queue.requeue();
      this.setState("signed-out");
      return;
    }
    const isPermanent = error instanceof Problem && PERMANENT.includes(error.status);
    if (isPermanent && edits.length === 1) {
      await this.finish(edits, [{ id: edits[0]!.id, status: "refused", reason: error.refusal }]);
      this.schedule(0);
      return;
    }
    this.queue.requeue();
    this.failures += 1;
    const backoff = BACKOFF_MS[Math.min(this.failures, BACKOFF_MS.length) - 1] ?? 1000;
    this.setState(isPermanent ? "saving" : "offline");
    // If a whole batch is refused, its edits are sent one by one.
    this.schedule(isPermanent ? 0 : backoff);
  }

  private async putInQuarantine(refused: RefusedEdit[]): Promise<void> {
    if (refused.length === 0) return;
    this.quarantine = [...this.quarantine, ...refused];
    this.onchange();
    await this.outbox.quarantine(refused);
  }

  private setState(state: SyncState): void {
    this.state = state;
    this.onchange();
  }
}
