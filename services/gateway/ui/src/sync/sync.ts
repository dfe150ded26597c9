import { Problem } from "../api/problem";
import type { RefusedEdit } from "./database";
import type { MediumDocument } from "../editor/document/document";
import type { Outbox } from "./outbox";
import type { Change, Edit, EditResult } from "../editor/document/changes";
import type { Pending } from "../editor/document/pending";

export type SyncState = "saved" | "saving" | "offline" | "signed-out";
type Send = (edits: Edit[]) => Promise<EditResult[]>;

const GATHER_MS = 250;
const BATCH = 200;
const STORED_WITHIN_MS = 15_000;
const BACKOFF_MS = [1000, 2000, 4000, 8000, 15_000, 30_000];

/** Carries a document's edits to the service: kept in the browser first, sent in batches, never dropped. */
export class Sync {
  state: SyncState = "saved";
  quarantine: RefusedEdit[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private stopped = false;
  private readonly wake = (): void => this.retryNow();

  constructor(
    private readonly document: MediumDocument,
    private readonly outbox: Outbox,
    private readonly media: string,
    private readonly send: Send,
    private readonly changed: () => void,
  ) {}

  /** Take up what waits from earlier, and listen for the network to come back. */
  async start(): Promise<void> {
    globalThis.addEventListener?.("online", this.wake);
    this.quarantine = await this.outbox.quarantined();
    this.document.resume(await this.outbox.waiting());
    this.schedule(0);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    globalThis.removeEventListener?.("online", this.wake);
  }

  get waiting(): number {
    return this.document.pending.length;
  }

  perform(changes: readonly Change[]): void {
    this.keep(this.document.perform(changes));
  }

  undo(): void {
    this.keep(this.document.undo());
  }

  redo(): void {
    this.keep(this.document.redo());
  }

  settle(object: string, choice: "mine" | "theirs"): void {
    const { dropped, made } = this.document.settle(object, choice);
    this.keep(made);
    void this.outbox.remove(dropped);
  }

  /** Drop a refused edit for good. */
  forget(id: string): void {
    this.quarantine = this.quarantine.filter((one) => one.id !== id);
    void this.outbox.forget(id);
    this.changed();
  }

  /** Try at once: after logging in again, or when the network is back. */
  retryNow(): void {
    this.failures = 0;
    this.schedule(0);
  }

  /** Once all that was done to an object is answered; false where that does not come about. */
  stored(object: string): Promise<boolean> {
    const waits = (): boolean => this.document.pending.some(({ edit }) => edit.object === object);
    if (!waits()) return Promise.resolve(true);
    this.retryNow();
    return new Promise((resolve) => {
      const end = (done: boolean): void => {
        stop();
        clearTimeout(timer);
        resolve(done);
      };
      const stop = this.document.listen(() => waits() || end(true));
      const timer = setTimeout(() => end(false), STORED_WITHIN_MS);
    });
  }

  private keep(made: readonly Pending[]): void {
    if (made.length === 0) return;
    this.mark(this.state === "saved" ? "saving" : this.state);
    this.outbox.put(made).then(
      () => this.schedule(GATHER_MS),
      // Without IndexedDB (a private window, a full disk) the edits still go up from memory.
      () => this.schedule(0),
    );
  }

  private schedule(delay: number): void {
    if (this.stopped) return;
    if (this.timer !== undefined && delay > 0) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), delay);
  }

  private async flush(): Promise<void> {
    this.timer = undefined;
    const edits = this.document.next(this.failures > 0 ? 1 : BATCH);
    if (edits.length === 0) {
      if (this.waiting === 0) this.mark("saved");
      return;
    }
    this.mark("saving");
    try {
      await this.settleAnswers(edits, await this.send(edits));
      this.failures = 0;
      this.mark(this.waiting > 0 ? "saving" : "saved");
      if (this.waiting > 0) this.schedule(GATHER_MS);
    } catch (error) {
      await this.failed(edits, error);
    }
  }

  private async settleAnswers(edits: Edit[], results: EditResult[]): Promise<void> {
    const settled = this.document.answer(results);
    const refused = this.document.refused.splice(0).map((one) => this.refusal(one.edit, one.reason));
    const answered = new Set(results.map((result) => result.id));
    if (edits.some((edit) => !answered.has(edit.id))) this.document.unsend();
    await this.outbox.remove(settled);
    await this.putAside(refused);
  }

  private async failed(edits: Edit[], error: unknown): Promise<void> {
    if (error instanceof Problem && error.status === 401) {
      this.document.unsend();
      this.mark("signed-out");
      return;
    }
    const hopeless = error instanceof Problem && [400, 404, 413, 422].includes(error.status);
    if (hopeless && edits.length === 1) {
      const results = edits.map((edit) => ({ id: edit.id, status: "refused" as const, reason: error.sentence }));
      await this.settleAnswers(edits, results);
      this.schedule(0);
      return;
    }
    this.document.unsend();
    this.failures += 1;
    const wait = hopeless ? 0 : (BACKOFF_MS[Math.min(this.failures, BACKOFF_MS.length) - 1] ?? 1000);
    this.mark(hopeless ? "saving" : "offline");
    this.schedule(wait);
  }

  private refusal(edit: Edit, reason: string): RefusedEdit {
    return { id: edit.id, media: this.media, edit, reason, at: Date.now() };
  }

  private async putAside(refused: RefusedEdit[]): Promise<void> {
    if (refused.length === 0) return;
    this.quarantine = [...this.quarantine, ...refused];
    this.changed();
    await this.outbox.quarantine(refused);
  }

  private mark(state: SyncState): void {
    this.state = state;
    this.changed();
  }
}
