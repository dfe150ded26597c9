import { listImports, readImport } from "../../../api/imports";
import type { LiveMessage } from "../../../api/live";
import type { Import } from "../../../api/types";
import { JobList } from "../job-list.svelte";

/** The imports of a project, followed live. */
export class ImportList extends JobList<Import> {
  constructor(project: string) {
    super(() => listImports(project), readImport);
  }

  receive(message: LiveMessage): void {
    if (message.type === "reset") void this.load();
    if (message.type !== "import.changed") return;
    const known = this.find(message.data.import_id);
    const { state, progress, dry_run, created, unchanged, refused, skipped } = message.data;
    if (known && state === "running")
      this.put({ ...known, state, progress, dry_run, created, unchanged, refused, skipped_total: skipped });
    else this.refresh(message.data.import_id);
  }
}
