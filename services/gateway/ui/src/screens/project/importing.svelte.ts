import { startImport, type HowToImport } from "../../api/calls";
import { onceKey } from "../../api/client";
import { asProblem, type Problem } from "../../api/problem";
import type { Import } from "../../api/types";
import type { ImportList } from "./imports.svelte";
import { isOver } from "./jobs.svelte";

/** What the service takes; a browser hears its refusal only after all was sent. */
export const MOST_BYTES = 2 * 1024 ** 3;

/** An import as it is chosen, sent and carried out; goes on while the dialog is closed. */
export class Importing {
  file = $state.raw<File | null>(null);
  /** Empty: the format is recognised. */
  format = $state("");
  /** Empty: as the file says. */
  mission = $state("");
  /** The files that labels may go to; null: all. */
  files = $state.raw<Set<string> | null>(null);
  addClasses = $state(true);
  sending = $state(false);
  sent = $state(0);
  problem = $state.raw<Problem | null>(null);
  private id = $state<string | null>(null);
  private abort = new AbortController();
  private attempt = { of: "", key: "" };

  constructor(
    private readonly project: string,
    private readonly imports: ImportList,
  ) {}

  /** The import as the service knows it, once it has the file. */
  get told(): Import | undefined {
    return this.id ? this.imports.find(this.id) : undefined;
  }

  get busy(): boolean {
    return this.sending || (this.told !== undefined && !isOver(this.told));
  }

  /** Whether there is something to send. */
  get ready(): boolean {
    const size = this.file?.size ?? 0;
    return size > 0 && size <= MOST_BYTES && this.files?.size !== 0;
  }

  get share(): number {
    return this.sent / Math.max(1, this.file?.size ?? 1);
  }

  choose(file: File | null): void {
    this.file = file;
    this.problem = null;
  }

  /** Back to what was chosen. */
  back(): void {
    this.id = null;
    this.problem = null;
  }

  /** Upload the file and have it imported, or only looked at. */
  async send(dryRun: boolean): Promise<void> {
    const file = this.file;
    if (!file || !this.ready || this.busy) return;
    this.back();
    this.sending = true;
    this.sent = 0;
    this.abort = new AbortController();
    const how = this.how(file, dryRun);
    try {
      const key = this.keyOf(file, how);
      const moved = (sent: number): void => void (this.sent = Math.min(sent, file.size));
      const told = await startImport(this.project, file, how, key, moved, this.abort.signal);
      this.attempt = { of: "", key: "" };
      this.imports.put(told);
      this.id = told.id;
    } catch (error) {
      if (!this.abort.signal.aborted) this.problem = asProblem(error);
    }
    this.sending = false;
  }

  /** Stop sending. */
  stop(): void {
    this.abort.abort();
  }

  private how(file: File, dryRun: boolean): HowToImport {
    return {
      name: file.name,
      ...(this.format ? { format: this.format } : {}),
      ...(this.mission ? { mission: this.mission } : {}),
      ...(this.files ? { media: [...this.files] } : {}),
      dry_run: dryRun,
      add_classes: this.addClasses,
    };
  }

  /** The same attempt, sent again because no answer came, is the same import. */
  private keyOf(file: File, how: HowToImport): string {
    const of = JSON.stringify([file.name, file.size, file.lastModified, how]);
    if (this.attempt.of !== of) this.attempt = { of, key: onceKey() };
    return this.attempt.key;
  }
}
