import type { LiveMessage, RunProgress } from "../api/live";
import type { Run } from "../api/types";
import type { ObjectState } from "./document/labels";
import { t } from "../i18n/index.svelte";
import { errorMessage, toast } from "../toasts.svelte";
import { solidStretch } from "./seek";

/** How the last run that followed an object is doing; `reason` where it failed. */
export interface QuickRun {
  state: "running" | "done" | "failed";
  reason: string;
}

interface Bench {
  /** Once all that was done to the object is stored; false where that does not come about. */
  stored(object: string): Promise<boolean>;
  /** Tell that a run lost the object. */
  lost(object: string, frame: number): void;
}

/** The project's runs at the service. */
interface Runs {
  start(object: string, first: number, last: number): Promise<Run>;
  read(run: string): Promise<Run>;
  list(): Promise<{ items: Run[] }>;
}

/** Quick label: follow an object through the frames between its key frames. */
export class QuickLabel {
  runs = $state.raw<ReadonlyMap<string, QuickRun>>(new Map());
  /** Which object a run follows. */
  private readonly objects = new Map<string, string>();

  constructor(
    private readonly media: string,
    private readonly bench: Bench,
    private readonly service: Runs,
  ) {}

  /** Whether an object can be followed now; if not, why. */
  hint(object: ObjectState | undefined): string | null {
    if (object?.annotation_type !== "bbox") return t("quick.select");
    if (this.runs.get(object.id)?.state === "running") return t("quick.running");
    return solidStretch(object) ? null : t("quick.two-frames");
  }

  async start(object: ObjectState): Promise<void> {
    const stretch = solidStretch(object);
    if (this.hint(object) !== null || !stretch) return;
    this.mark(object.id, "running");
    try {
      if (!(await this.bench.stored(object.id))) return this.fail(object.id, t("quick.unsaved"));
      this.take(await this.service.start(object.id, ...stretch));
    } catch (error) {
      this.fail(object.id, errorMessage(error));
    }
  }

  /** Runs that others started, or this person before a reload. */
  async load(): Promise<void> {
    const { items } = await this.service.list();
    for (const run of items)
      if (run.kind === "quick" && run.media.includes(this.media) && isWorking(run.state)) this.take(run);
  }

  hear(message: LiveMessage): void {
    if (message.type === "labels.tracked" && message.data.media_id === this.media)
      this.objects.set(message.data.run_id, message.data.object_id);
    if (message.type === "run.changed" && message.data.kind === "quick" && message.data.media.includes(this.media))
      void this.note(message.data);
  }

  private async note(news: RunProgress): Promise<void> {
    const object = this.objects.get(news.run_id);
    if (object && isWorking(news.state)) return;
    // Which object it is and where the run stopped, only the run itself says.
    const run = await this.service.read(news.run_id).catch(() => null);
    if (run) this.take(run);
    else if (object && news.state === "failed") this.fail(object, news.reason ?? "");
  }

  private take(run: Run): void {
    const object = run.object_id;
    if (!object) return;
    const own = this.runs.get(object)?.state === "running";
    this.objects.set(run.id, object);
    if (isWorking(run.state)) return this.mark(object, "running");
    if (run.state === "cancelled") return this.forget(object);
    if (run.state === "failed") return this.fail(object, run.reason ?? t("quick.failed"));
    this.mark(object, "done");
    if (own && typeof run.stopped_at === "number") this.bench.lost(object, run.stopped_at);
  }

  private fail(object: string, reason: string): void {
    if (this.runs.get(object)?.state === "running") toast(t("quick.failed-why", { reason }), "bad");
    this.mark(object, "failed", reason);
  }

  private mark(object: string, state: QuickRun["state"], reason = ""): void {
    this.runs = new Map(this.runs).set(object, { state, reason });
  }

  private forget(object: string): void {
    const runs = new Map(this.runs);
    runs.delete(object);
    this.runs = runs;
  }
}

export function isWorking(state: string): boolean {
  return state === "queued" || state === "running";
}
