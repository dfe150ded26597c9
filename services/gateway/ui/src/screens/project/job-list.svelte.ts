import { errorMessage } from "../../toasts.svelte";

export interface Job {
  id: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  progress: number;
  /** Whether it only looks at what would be done; the same job may be done in earnest afterwards. */
  dry_run?: boolean;
}

/** Whether nothing will happen to it any more. */
export function isOver(job: Job): boolean {
  return job.state !== "queued" && job.state !== "running";
}

/** Work that services do for a project, newest first, as it was last heard of. */
export class JobList<T extends Job> {
  items = $state.raw<T[]>([]);
  loaded = $state(false);
  failed = $state("");

  constructor(
    private readonly list: () => Promise<{ items: T[] }>,
    private readonly read: (id: string) => Promise<T>,
  ) {}

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
    return this.items.find((one) => one.id === id);
  }

  /** Note how a job is; answers overtake each other, and what is over stays over. */
  put(changed: T): void {
    const at = this.items.findIndex((one) => one.id === changed.id);
    const known = this.items[at];
    if (!known) this.items = [changed, ...this.items];
    else if (rank(changed) >= rank(known)) this.items = this.items.with(at, changed);
  }

  /** Ask how a job is. */
  refresh(id: string): void {
    this.read(id).then(
      (found) => this.put(found),
      () => undefined,
    );
  }
}

function rank(job: Job): number {
  const earnest = job.dry_run ? 0 : 3;
  if (isOver(job)) return earnest + 2;
  return earnest + (job.state === "running" ? 1 : 0);
}
