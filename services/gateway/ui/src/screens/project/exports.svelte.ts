import { listExports, readExport } from "../../api/calls";
import type { LiveMessage } from "../../api/live";
import type { Export } from "../../api/types";
import { words } from "../../toasts.svelte";

/** The exports of a project, followed live. */
export class ExportList {
  items = $state.raw<Export[]>([]);
  loaded = $state(false);
  failed = $state("");

  constructor(private readonly project: string) {}

  async load(): Promise<void> {
    try {
      this.items = (await listExports(this.project)).items;
      this.failed = "";
    } catch (error) {
      this.failed = words(error);
    }
    this.loaded = true;
  }

  find(id: string): Export | undefined {
    return this.items.find((one) => one.id === id);
  }

  put(changed: Export): void {
    const at = this.items.findIndex((one) => one.id === changed.id);
    this.items = at >= 0 ? this.items.with(at, changed) : [changed, ...this.items];
  }

  hear(message: LiveMessage): void {
    if (message.type === "reset") void this.load();
    if (message.type === "export.changed") {
      const known = this.find(message.data.export_id);
      const { state, progress } = message.data;
      if (known && state === "running") this.put({ ...known, state, progress });
      else this.refresh(message.data.export_id);
    } else if (message.type === "export.ready") this.refresh(message.data.export_id);
  }

  private refresh(id: string): void {
    readExport(id).then(
      (found) => this.put(found),
      () => undefined,
    );
  }
}
