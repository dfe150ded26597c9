import { listExports, readExport } from "../../../api/exports";
import type { LiveMessage } from "../../../api/live";
import type { Export } from "../../../api/types";
import { JobList } from "../job-list.svelte";

/** The exports of a project, followed live. */
export class ExportList extends JobList<Export> {
  constructor(project: string) {
    super(() => listExports(project), readExport);
  }

  receive(message: LiveMessage): void {
    if (message.type === "reset") void this.load();
    if (message.type === "export.changed") {
      const known = this.find(message.data.export_id);
      const { state, progress } = message.data;
      if (known && state === "running") this.put({ ...known, state, progress });
      else this.refresh(message.data.export_id);
    } else if (message.type === "export.ready") this.refresh(message.data.export_id);
  }
}
