import { listVersions } from "../../../api/versions";
import type { Version } from "../../../api/types";
import { errorMessage } from "../../../toasts.svelte";

/** The dataset versions of a project, newest first. */
export class VersionList {
  items = $state.raw<Version[]>([]);
  loaded = $state(false);
  failed = $state("");

  constructor(private readonly project: string) {}

  async load(): Promise<void> {
    try {
      this.items = (await listVersions(this.project)).items;
      this.failed = "";
    } catch (error) {
      this.failed = errorMessage(error);
    }
    this.loaded = true;
  }

  find(id: string): Version | undefined {
    return this.items.find((one) => one.id === id);
  }
}
