import { type ImportOptions, commitImport, startBucketImport, startImport } from "../../../api/imports";
import { newIdempotencyKey } from "../../../api/client";
import { asProblem, type Problem } from "../../../api/problem";
import type { Import } from "../../../api/types";
import type { ImportList } from "./import-list.svelte";
import { isOver } from "../job-list.svelte";
import { emptyPlace, forgetKeys, isFilled } from "../bucket";

/** What the service takes; a browser hears its refusal only after all was sent. */
export const MOST_BYTES = 2 * 1024 ** 3;

/** An import as it is chosen, sent and carried out; goes on while the dialog is closed. */
export class Importing {
  file = $state.raw<File | null>(null);
  /** Whether the labels come from someone else's S3, and where they lie there. */
  elsewhere = $state(false);
  source = $state(emptyPlace());
  /** Empty: the format is recognised. */
  format = $state("");
  /** Empty: as the file says. */
  mission = $state("");
  /** The files that labels may go to; null: all. */
  files = $state.raw<Set<string> | null>(null);
  addClasses = $state(true);
  /** Whether it was to be sent, so that what is missing is said. */
  tried = $state(false);
  sending = $state(false);
  sent = $state(0);
  problem = $state.raw<Problem | null>(null);
  /** Whether what is being sent is to be looked at only. */
  checking = $state(false);
  private id = $state<string | null>(null);
  private abort = new AbortController();
  private attempt = { of: "", key: "" };

  constructor(
    private readonly project: string,
    private readonly imports: ImportList,
    elsewhere = false,
  ) {
    this.elsewhere = elsewhere;
  }

  /** The import as the service knows it, once it was asked for it. */
  get told(): Import | undefined {
    return this.id ? this.imports.find(this.id) : undefined;
  }

  get busy(): boolean {
    return this.sending || (this.told !== undefined && !isOver(this.told));
  }

  /** Whether a file is on its way. */
  get uploading(): boolean {
    return this.sending && !this.elsewhere && !this.told;
  }

  /** Whether there is something to send; what is missing of another S3 is said at its fields. */
  get ready(): boolean {
    const size = this.file?.size ?? 0;
    return this.files?.size !== 0 && (this.elsewhere || (size > 0 && size <= MOST_BYTES));
  }

  get share(): number {
    return this.sent / Math.max(1, this.file?.size ?? 1);
  }

  choose(file: File | null): void {
    this.file = file;
    this.problem = null;
  }

  /** Take the labels from this computer, or from someone else's S3. */
  turn(elsewhere: boolean): void {
    this.elsewhere = elsewhere;
    this.problem = null;
    this.tried = false;
  }

  /** Back to what was chosen. */
  back(): void {
    this.id = null;
    this.problem = null;
    this.tried = false;
  }

  /** Have the labels imported, or only looked at. */
  async send(dryRun: boolean): Promise<void> {
    if (!this.ready || this.busy) return;
    this.back();
    this.tried = true;
    if (this.elsewhere && !isFilled(this.source)) return;
    this.checking = dryRun;
    this.sending = true;
    this.abort = new AbortController();
    try {
      const told = await (this.elsewhere ? this.point(dryRun) : this.upload(dryRun));
      this.attempt = { of: "", key: "" };
      if (!dryRun) this.forgetKeys();
      this.tried = false;
      this.imports.put(told);
      this.id = told.id;
    } catch (error) {
      if (!this.abort.signal.aborted) this.problem = asProblem(error);
    }
    this.sending = false;
  }

  /** Import in earnest what was looked at; what is no longer kept has to be sent again. */
  async carryOut(): Promise<void> {
    const checked = this.told;
    if (!checked || this.busy) return;
    this.sending = true;
    this.checking = false;
    try {
      this.imports.put(await commitImport(checked.id));
      this.forgetKeys();
    } catch (error) {
      this.back();
      this.problem = asProblem(error);
    }
    this.sending = false;
  }

  /** Stop sending. */
  stop(): void {
    this.abort.abort();
  }

  /** The keys to another S3 are used once. */
  forgetKeys(): void {
    this.attempt = { of: "", key: "" };
    forgetKeys(this.source);
  }

  private upload(dryRun: boolean): Promise<Import> {
    const file = this.file as File;
    const how = { name: file.name, ...this.how(dryRun) };
    const key = this.keyOf([file.name, file.size, file.lastModified, how]);
    this.sent = 0;
    const moved = (sent: number): void => void (this.sent = Math.min(sent, file.size));
    return startImport(this.project, file, how, key, moved, this.abort.signal);
  }

  private point(dryRun: boolean): Promise<Import> {
    const body = { name: "", ...this.how(dryRun), source: { ...this.source } };
    return startBucketImport(this.project, body, this.keyOf(body));
  }

  private how(dryRun: boolean): Omit<ImportOptions, "name"> {
    return {
      ...(this.format ? { format: this.format } : {}),
      ...(this.mission ? { mission: this.mission } : {}),
      ...(this.files ? { media: [...this.files] } : {}),
      dry_run: dryRun,
      add_classes: this.addClasses,
    };
  }

  /** The same attempt, sent again because no answer came, is the same import. */
  private keyOf(asked: unknown): string {
    const of = JSON.stringify(asked);
    if (this.attempt.of !== of) this.attempt = { of, key: newIdempotencyKey() };
    return this.attempt.key;
  }
}
