import { type ImportOptions, commitImport, startBucketImport, startImport } from "../../../api/imports";
import { newIdempotencyKey } from "../../../api/client";
import { asProblem, type Problem } from "../../../api/problem";
import type { Import } from "../../../api/types";
import type { ImportList } from "./import-list.svelte";
import { isFinished } from "../job-list.svelte";
import { emptyBucket, clearKeys, isFilled } from "../bucket";

/** The limit of the service, which refuses a larger file only after the whole upload. */
export const MAX_BYTES = 2 * 1024 ** 3;

/** An import from its options to its report; continues while the dialog is closed. */
export class ImportSession {
  file = $state.raw<File | null>(null);
  /** Whether the labels come from an external S3 bucket. */
  useBucket = $state(false);
  source = $state(emptyBucket());
  /** Empty: detected automatically. */
  format = $state("");
  /** Empty: as specified in the file. */
  mission = $state("");
  /** The files to import into; null: all. */
  files = $state.raw<Set<string> | null>(null);
  addClasses = $state(true);
  /** Whether the form was submitted: missing fields are marked from then on. */
  submitted = $state(false);
  sending = $state(false);
  sent = $state(0);
  problem = $state.raw<Problem | null>(null);
  /** Whether the request under way is a dry run. */
  checking = $state(false);
  private id = $state<string | null>(null);
  private abort = new AbortController();
  private attempt = { of: "", key: "" };

  constructor(
    private readonly project: string,
    private readonly imports: ImportList,
    useBucket = false,
  ) {
    this.useBucket = useBucket;
  }

  /** The import at the service, once it was started. */
  get current(): Import | undefined {
    return this.id ? this.imports.find(this.id) : undefined;
  }

  get busy(): boolean {
    return this.sending || (this.current !== undefined && !isFinished(this.current));
  }

  /** Whether the file is being uploaded. */
  get uploading(): boolean {
    return this.sending && !this.useBucket && !this.current;
  }

  /** Whether the form can be submitted. Missing fields of a bucket are marked on submission. */
  get ready(): boolean {
    const size = this.file?.size ?? 0;
    return this.files?.size !== 0 && (this.useBucket || (size > 0 && size <= MAX_BYTES));
  }

  get share(): number {
    return this.sent / Math.max(1, this.file?.size ?? 1);
  }

  choose(file: File | null): void {
    this.file = file;
    this.problem = null;
  }

  /** Import from this computer or from an external S3 bucket. */
  setSource(useBucket: boolean): void {
    this.useBucket = useBucket;
    this.problem = null;
    this.submitted = false;
  }

  /** Return to the form. */
  reset(): void {
    this.id = null;
    this.problem = null;
    this.submitted = false;
  }

  /** Start the import, or a dry run of it. */
  async send(dryRun: boolean): Promise<void> {
    if (!this.ready || this.busy) return;
    this.reset();
    this.submitted = true;
    if (this.useBucket && !isFilled(this.source)) return;
    this.checking = dryRun;
    this.sending = true;
    this.abort = new AbortController();
    try {
      const current = await (this.useBucket ? this.importFromBucket(dryRun) : this.upload(dryRun));
      this.attempt = { of: "", key: "" };
      if (!dryRun) this.clearKeys();
      this.submitted = false;
      this.imports.put(current);
      this.id = current.id;
    } catch (error) {
      if (!this.abort.signal.aborted) this.problem = asProblem(error);
    }
    this.sending = false;
  }

  /** Run the import after the dry run. An archive that is no longer kept has to be uploaded again. */
  async commit(): Promise<void> {
    const checked = this.current;
    if (!checked || this.busy) return;
    this.sending = true;
    this.checking = false;
    try {
      this.imports.put(await commitImport(checked.id));
      this.clearKeys();
    } catch (error) {
      this.reset();
      this.problem = asProblem(error);
    }
    this.sending = false;
  }

  /** Abort the upload. */
  cancelUpload(): void {
    this.abort.abort();
  }

  /** Clear the bucket's keys, which are used only once. */
  clearKeys(): void {
    this.attempt = { of: "", key: "" };
    clearKeys(this.source);
  }

  private upload(dryRun: boolean): Promise<Import> {
    const file = this.file as File;
    const options = { name: file.name, ...this.options(dryRun) };
    const key = this.keyOf([file.name, file.size, file.lastModified, options]);
    this.sent = 0;
    const onProgress = (sent: number): void => void (this.sent = Math.min(sent, file.size));
    return startImport(this.project, file, options, key, onProgress, this.abort.signal);
  }

  private importFromBucket(dryRun: boolean): Promise<Import> {
    const body = { name: "", ...this.options(dryRun), source: { ...this.source } };
    return startBucketImport(this.project, body, this.keyOf(body));
  }

  private options(dryRun: boolean): Omit<ImportOptions, "name"> {
    return {
      ...(this.format ? { format: this.format } : {}),
      ...(this.mission ? { mission: this.mission } : {}),
      ...(this.files ? { media: [...this.files] } : {}),
      dry_run: dryRun,
      add_classes: this.addClasses,
    };
  }

  /** The Idempotency-Key: the same for the same options, so that a retry starts no second import. */
  private keyOf(options: unknown): string {
    const of = JSON.stringify(options);
    if (this.attempt.of !== of) this.attempt = { of, key: newIdempotencyKey() };
    return this.attempt.key;
  }
}
