import type { LiveMessage, RunProgress } from "../api/live";
import type { Run } from "../api/types";
import type { ObjectState } from "../api/labels";
import { t } from "../i18n/index.svelte";
import { sentenceOf } from "../i18n/reasons";
import { errorMessage, toast } from "../toasts.svelte";
import { solidRange } from "./seek";

/** The last run that tracked an object; `reason` if it failed. */
export interface QuickRun {
  state: "running" | "done" | "failed";
  reason: string;
}

/** The part of the editor that quick label uses. */
interface Objects {
  /** Resolves once all edits of the object are stored; false if that takes too long. */
  stored(object: string): Promise<boolean>;
  /** A run lost the object on a frame. */
  trackingLost(object: string, frame: number): void;
}

/** The requests for runs of the project. */
interface Runs {
  start(object: string, first: number, last: number): Promise<Run>;
  read(run: string): Promise<Run>;
  list(): Promise<{ items: Run[] }>;
}

/** Quick label: track an object through the frames between its keyframes. */
export class QuickLabel {
  runs = $state.raw<ReadonlyMap<string, QuickRun>>(new Map());
  /** The object that a run tracks. */
  private readonly objects = new Map<string, string>();

  constructor(
    private readonly media: string,
    private readonly editor: Objects,
    private readonly service: Runs,
  ) {}

  /** The reason why an object cannot be tracked now; null if it can. */
  hint(object: ObjectState | undefined): string | null {
    if (object?.annotation_type !== "bbox") return t("quick.select");
    if (this.runs.get(object.id)?.state === "running") return t("quick.running");
    return solidRange(object) ? null : t("quick.two-frames");
  }

  async start(object: ObjectState): Promise<void> {
    const range = solidRange(object);
    if (this.hint(object) !== null || !range) return;
    this.setState(object.id, "running");
    try {
      if (!(await this.editor.stored(object.id))) return this.fail(object.id, t("quick.unsaved"));
      this.update(await this.service.start(object.id, ...range));
    } catch (error) {
      this.fail(object.id, errorMessage(error));
    }
  }

  /** Load runs that other users started, or this one before a reload. */
  async load(): Promise<void> {
    const { items } = await this.service.list();
    for (const run of items)
      if (run.kind === "quick" && run.media.includes(this.media) && isWorking(run.state)) this.update(run);
  }

  receive(message: LiveMessage): void {
    if (message.type === "labels.tracked" && message.data.media_id === this.media)
      this.objects.set(message.data.run_id, message.data.object_id);
    if (message.type === "run.changed" && message.data.kind === "quick" && message.data.media.includes(this.media))
      void this.receiveRun(message.data);
  }

  private async receiveRun(progress: RunProgress): Promise<void> {
    const object = this.objects.get(progress.run_id);
    if (object && isWorking(progress.state)) return;
    // The message does not contain the object and the frame on which the run stopped.
    const run = await this.service.read(progress.run_id).catch(() => null);
    if (run) this.update(run);
    else if (object && progress.state === "failed") this.fail(object, sentenceOf(progress.reason));
  }

  private update(run: Run): void {
    const object = run.object_id;
    if (!object) return;
    const own = this.runs.get(object)?.state === "running";
    this.objects.set(run.id, object);
    if (isWorking(run.state)) return this.setState(object, "running");
    if (run.state === "cancelled") return this.forget(object);
    if (run.state === "failed") return this.fail(object, sentenceOf(run.reason) || t("quick.failed"));
    this.setState(object, "done");
    if (own && typeof run.stopped_at === "number") this.editor.trackingLost(object, run.stopped_at);
  }

  private fail(object: string, reason: string): void {
    if (this.runs.get(object)?.state === "running") toast(t("quick.failed-why", { reason }), "bad");
    this.setState(object, "failed", reason);
  }

  private setState(object: string, state: QuickRun["state"], reason = ""): void {
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
