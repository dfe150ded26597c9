import { ItemList } from "./item-list.svelte";

export interface Job {
  id: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  progress: number;
  /** Whether the job changes nothing; it may be run without this afterwards. */
  dry_run?: boolean;
}

/** Whether the job has ended. */
export function isFinished(job: Job): boolean {
  return job.state !== "queued" && job.state !== "running";
}

/** The jobs of a project, newest first, in their last known state. */
export class JobList<T extends Job> extends ItemList<T> {
  constructor(
    list: () => Promise<{ items: T[] }>,
    private readonly read: (id: string) => Promise<T>,
  ) {
    super(list);
  }

  /** Update a job. Responses may arrive out of order, so a job never goes back to an earlier state. */
  put(changed: T): void {
    const at = this.items.findIndex((job) => job.id === changed.id);
    const known = this.items[at];
    if (!known) this.items = [changed, ...this.items];
    else if (rank(changed) >= rank(known)) this.items = this.items.with(at, changed);
  }

  /** Read a job again. */
  refresh(id: string): void {
    this.read(id).then(
      (job) => this.put(job),
      () => undefined,
    );
  }
}

function rank(job: Job): number {
  const base = job.dry_run ? 0 : 3;
  if (isFinished(job)) return base + 2;
  return base + (job.state === "running" ? 1 : 0);
}
