import { errorMessage } from "../../toasts.svelte";

export interface Job {
  id: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  progress: number;
  /** Whether it changes nothing; the same job may run for real afterwards. */
  dry_run?: boolean;
}

/** Whether the job has ended. */
export function isFinished(job: Job): boolean {
  return job.state !== "queued" && job.state !== "running";
}

/** The jobs of a project, newest first, in their last known state. */
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

  /** Update a job. Responses may arrive out of order, so a job never goes back to an earlier state. */
  put(changed: T): void {
    const at = this.items.findIndex((one) => one.id === changed.id);
    const known = this.items[at];
    if (!known) this.items = [changed, ...this.items];
    else if (rank(changed) >= rank(known)) this.items = this.items.with(at, changed);
  }

  /** Read a job again. */
  refresh(id: string): void {
    this.read(id).then(
      (found) => this.put(found),
      () => undefined,
    );
  }
}

function rank(job: Job): number {
  const base = job.dry_run ? 0 : 3;
  if (isFinished(job)) return base + 2;
  return base + (job.state === "running" ? 1 : 0);
}
