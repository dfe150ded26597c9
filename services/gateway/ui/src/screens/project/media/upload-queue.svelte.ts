import { asProblem } from "../../../api/problem";
import type { Kind, Medium } from "../../../api/types";
import { FileUpload, type Describe } from "./file-upload";
import { t } from "../../../i18n/index.svelte";
import { errorMessage } from "../../../toasts.svelte";

const FILES_AT_ONCE = 3;
const ENDINGS: Record<Kind, readonly string[]> = {
  image: ["jpg", "jpeg", "png"],
  video: ["mp4", "mov", "avi", "wmv"],
};

export type FileState = "chosen" | "refused" | "waiting" | "sending" | "done" | "failed";

/** One file of a batch and its progress. */
export class UploadItem {
  readonly id: string;
  state = $state<FileState>("chosen");
  sent = $state(0);
  reason = $state("");
  upload: FileUpload | null = null;

  constructor(readonly file: File) {
    this.id = `${file.name} ${file.size} ${file.lastModified}`;
  }
}

/** The file types that a file picker offers for a kind of medium. */
export function accepted(kind: Kind): string {
  return ENDINGS[kind].map((ending) => `.${ending}`).join(",");
}

/** The error of a file of another kind; empty if there is none. The service also checks the content. */
export function refusal(file: File, kind: Kind): string {
  const ending = file.name.split(".").pop()?.toLowerCase() ?? "";
  if (!ENDINGS[kind].includes(ending)) return t(kind === "image" ? "upload.not-image" : "upload.not-video");
  if (file.size === 0) return t("upload.empty-file");
  return "";
}

/** The uploads of a project; they continue while the dialog is closed. */
export class UploadQueue {
  files = $state<UploadItem[]>([]);
  running = $state(false);

  constructor(
    private readonly project: string,
    private readonly arrived: (medium: Medium) => void,
  ) {}

  get total(): number {
    return this.sendable.reduce((sum, one) => sum + one.file.size, 0);
  }

  get sent(): number {
    return this.sendable.reduce((sum, one) => sum + Math.min(one.sent, one.file.size), 0);
  }

  get share(): number {
    return this.sent / Math.max(1, this.total);
  }

  get finished(): number {
    return this.files.filter((one) => one.state === "done").length;
  }

  private get sendable(): UploadItem[] {
    return this.files.filter((one) => one.state !== "refused" && one.state !== "failed");
  }

  add(files: Iterable<File>, kind: Kind): void {
    for (const file of files) {
      const one = new UploadItem(file);
      if (this.files.some((known) => known.id === one.id)) continue;
      this.files.push(one);
    }
    this.validate(kind);
  }

  /** Check the kind of the selected files again. */
  validate(kind: Kind): void {
    for (const one of this.files) {
      if (one.state !== "chosen" && one.state !== "refused") continue;
      one.reason = refusal(one.file, kind);
      one.state = one.reason ? "refused" : "chosen";
    }
  }

  remove(one: UploadItem): void {
    void one.upload?.cancel();
    this.files = this.files.filter((known) => known !== one && known.id !== one.id);
  }

  /** Remove finished files. */
  clear(): void {
    this.files = this.files.filter((one) => one.state === "waiting" || one.state === "sending");
  }

  /** Upload every selected file; each succeeds or fails by itself. */
  async send(describe: Describe): Promise<void> {
    const batch = this.files.filter((one) => one.state === "chosen" || one.state === "failed");
    for (const one of batch) Object.assign(one, { state: "waiting", reason: "", sent: 0 });
    this.running = true;
    const work = async (): Promise<void> => {
      for (let one = batch.shift(); one; one = batch.shift()) await this.sendOne(one, describe);
    };
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
    this.running = this.files.some((one) => one.state === "sending" || one.state === "waiting");
  }

  private async sendOne(one: UploadItem, describe: Describe): Promise<void> {
    if (!this.files.includes(one)) return;
    one.state = "sending";
    one.upload = new FileUpload(this.project, one.file, describe, (sent) => (one.sent = sent));
    try {
      const medium = await one.upload.run();
      one.state = "done";
      one.sent = one.file.size;
      this.arrived(medium);
    } catch (error) {
      one.state = "failed";
      one.reason = errorMessage(asProblem(error));
    }
  }
}
