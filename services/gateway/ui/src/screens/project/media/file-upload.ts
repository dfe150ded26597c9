import { abortUpload, completeUpload, readUpload, startUpload } from "../../../api/media";
import { newIdempotencyKey } from "../../../api/client";
import { asProblem, Problem } from "../../../api/problem";
import { sendBytes } from "../../../api/transfer";
import type { Medium, NewUpload, Upload } from "../../../api/types";
import { database } from "../../../sync/database";

/** The number of parts that are uploaded at a time, over all files. */
const PARALLEL = 3;
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000];
/** The status codes after which a part is retried. */
const TRANSIENT = new Set([0, 408, 429, 500, 502, 503, 504]);

let free = PARALLEL;
const queue: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (free > 0) free -= 1;
  else await new Promise<void>((resolve) => queue.push(resolve));
  try {
    return await work();
  } finally {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  }
}

export type Describe = Omit<NewUpload, "name" | "size_bytes">;

/** Uploads one file in parts and resumes an earlier, interrupted upload of the same file. */
export class FileUpload {
  sent = 0;
  private upload: Upload | null = null;
  private readonly progress = new Map<number, number>();
  private readonly abort = new AbortController();

  constructor(
    private readonly project: string,
    readonly file: File,
    private readonly describe: Describe,
    private readonly moved: (sent: number) => void,
  ) {}

  /** Upload the file; resolves to the medium or rejects with a Problem. */
  async run(): Promise<Medium> {
    const upload = await this.begin();
    this.upload = upload;
    for (const part of upload.parts) this.progress.set(part.number, part.size_bytes);
    this.count();
    const missing = this.missing(upload);
    await Promise.all(Array.from({ length: PARALLEL }, () => this.sendAll(upload, missing)));
    const medium = await this.retry(() => completeUpload(upload.id));
    await this.forget();
    return medium;
  }

  /** Abort the upload and delete the stored parts. */
  async cancel(): Promise<void> {
    this.abort.abort();
    if (this.upload) await abortUpload(this.upload.id).catch(() => undefined);
    await this.forget();
  }

  private get fingerprint(): string {
    const { name, size, lastModified } = this.file;
    return JSON.stringify([this.project, this.describe, name, size, lastModified]);
  }

  private async begin(): Promise<Upload> {
    const earlier = await (await database()).get("uploads", this.fingerprint).catch(() => undefined);
    if (earlier) {
      const upload = await this.retry(() => readUpload(earlier.upload)).catch(() => null);
      if (upload?.state === "open" && upload.size_bytes === this.file.size) return upload;
    }
    const body = { ...this.describe, name: this.file.name, size_bytes: this.file.size };
    const key = newIdempotencyKey();
    const upload = await this.retry(() => startUpload(this.project, body, key));
    const started = { fingerprint: this.fingerprint, upload: upload.id, at: Date.now() };
    await (await database()).put("uploads", started).catch(() => undefined);
    return upload;
  }

  private async forget(): Promise<void> {
    await (await database()).delete("uploads", this.fingerprint).catch(() => undefined);
  }

  private missing(upload: Upload): number[] {
    const stored = new Set(upload.parts.map((part) => part.number));
    const count = Math.ceil(this.file.size / upload.part_size_bytes);
    return Array.from({ length: count }, (_, at) => at + 1).filter((number) => !stored.has(number));
  }

  private async sendAll(upload: Upload, missing: number[]): Promise<void> {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
      const part = number;
      await this.retry(() => inTurn(() => this.send(upload, part)));
    }
  }

  private async send(upload: Upload, number: number): Promise<void> {
    const start = (number - 1) * upload.part_size_bytes;
    const bytes = this.file.slice(start, Math.min(start + upload.part_size_bytes, this.file.size));
    try {
      await sendBytes("PUT", `/api/v1/uploads/${upload.id}/parts/${number}`, bytes, {
        onProgress: (sent) => this.note(number, sent),
        signal: this.abort.signal,
      });
    } catch (error) {
      this.note(number, 0);
      throw error;
    }
    this.note(number, bytes.size);
  }

  private note(part: number, bytes: number): void {
    this.progress.set(part, bytes);
    this.count();
  }

  private count(): void {
    this.sent = [...this.progress.values()].reduce((sum, bytes) => sum + bytes, 0);
    this.moved(this.sent);
  }

  /** Retry until it succeeds or the error is permanent. */
  private async retry<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const problem = asProblem(error);
        const pause = PAUSES_MS[attempt];
        if (this.abort.signal.aborted) throw new Problem(0, "cancelled");
        if (!TRANSIENT.has(problem.status) || pause === undefined) throw problem;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }
}
