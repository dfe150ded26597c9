import { errorMessage } from "../../toasts.svelte";

/** A list of a project, newest first, as the service returned it. */
export class ItemList<T extends { id: string }> {
  items = $state.raw<T[]>([]);
  loaded = $state(false);
  failed = $state("");

  constructor(private readonly list: () => Promise<{ items: T[] }>) {}

  async load(): Promise<void> {
    try {
      this.items = (await this.list()).items;
      this.failed = "";
    } catch (error) {
      this.failed = errorMessage(error);
    }
    this.loaded = true;
  }

  find(id: string): T | undefined {
    return this.items.find((item) => item.id === id);
  }
}
