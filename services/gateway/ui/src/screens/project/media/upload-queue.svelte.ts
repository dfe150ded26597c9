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
    return this.sendable.reduce((sum, item) => sum + item.file.size, 0);
  }

  get sent(): number {
    return this.sendable.reduce((sum, item) => sum + Math.min(item.sent, item.file.size), 0);
  }

  get share(): number {
    return this.sent / Math.max(1, this.total);
  }

  get finished(): number {
    return this.files.filter((file) => file.state === "done").length;
  }

  private get sendable(): UploadItem[] {
    return this.files.filter((file) => file.state !== "refused" && file.state !== "failed");
  }

  add(files: Iterable<File>, kind: Kind): void {
    for (const file of files) {
      const item = new UploadItem(file);
      if (this.files.some((known) => known.id === item.id)) continue;
      this.files.push(item);
    }
    this.validate(kind);
  }

  /** Check the kind of the selected files again. */
  validate(kind: Kind): void {
    for (const item of this.files) {
      if (item.state !== "chosen" && item.state !== "refused") continue;
      item.reason = refusal(item.file, kind);
      item.state = item.reason ? "refused" : "chosen";
    }
  }

  remove(item: UploadItem): void {
    void item.upload?.cancel();
    this.files = this.files.filter((known) => known !== item && known.id !== item.id);
  }

  /** Remove finished files. */
  clear(): void {
    this.files = this.files.filter((file) => file.state === "waiting" || file.state === "sending");
  }

  /** Upload every selected file; each succeeds or fails by itself. */
  async send(describe: Describe): Promise<void> {
    const batch = this.files.filter((file) => file.state === "chosen" || file.state === "failed");
    for (const item of batch) Object.assign(item, { state: "waiting", reason: "", sent: 0 });
    this.running = true;
    const work = async (): Promise<void> => {
      for (let item = batch.shift(); item; item = batch.shift()) await this.sendOne(item, describe);
    };
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
    this.running = this.files.some((file) => file.state === "sending" || file.state === "waiting");
  }

  private async sendOne(item: UploadItem, describe: Describe): Promise<void> {
    if (!this.files.includes(item)) return;
    item.state = "sending";
    item.upload = new FileUpload(this.project, item.file, describe, (sent) => (item.sent = sent));
    try {
      const medium = await item.upload.run();
      item.state = "done";
      item.sent = item.file.size;
      this.arrived(medium);
    } catch (error) {
      item.state = "failed";
      item.reason = errorMessage(asProblem(error));
    }
  }
}
