import { listVersions } from "../../../api/calls";
import type { Version } from "../../../api/types";
import { words } from "../../../toasts.svelte";

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
      this.failed = words(error);
    }
    this.loaded = true;
  }

  find(id: string): Version | undefined {
    return this.items.find((one) => one.id === id);
  }
}
