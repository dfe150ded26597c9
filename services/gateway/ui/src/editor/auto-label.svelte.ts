import { cancelRun, listModels, listRuns, startRun } from "../api/runs";
import type { LiveMessage } from "../api/live";
import type { Model } from "../api/types";
import { t } from "../i18n/index.svelte";
import { sentenceOf } from "../i18n/reasons";
import { toast, toastProblem } from "../toasts.svelte";
import { isWorking } from "./quick-label.svelte";

interface Running {
  id: string;
  progress: number;
  state: string;
  model: string;
}

/** The models, and the run on this medium. */
export class AutoLabel {
  models = $state.raw<Model[]>([]);
  model = $state("");
  threshold = $state(0.5);
  run = $state.raw<Running | null>(null);
  private starting = false;

  constructor(
    private readonly project: string,
    private readonly media: string,
  ) {}

  async load(): Promise<void> {
    try {
      const [models, runs] = await Promise.all([listModels(), listRuns(this.project)]);
      this.models = models.items;
      this.choose(models.items[0]?.id ?? "");
      const active = runs.items.find((run) => run.media.includes(this.media) && isWorking(run.state) && run.kind !== "quick");
      if (active) this.run = active;
    } catch (error) {
      toastProblem(error);
    }
  }

  choose(id: string): void {
    this.model = id;
    this.threshold = this.models.find((model) => model.id === id)?.threshold ?? 0.5;
  }

  /** The name of a model, for badges. */
  nameOf(id: string): string {
    return this.models.find((model) => model.id === id)?.name ?? id;
  }

  async start(): Promise<void> {
    if (this.run || this.starting) return toast(t("auto.busy"), "bad", 4);
    this.starting = true;
    try {
      const run = await startRun(this.project, [this.media], this.model, this.threshold);
      if (isWorking(run.state)) this.run = run;
    } catch (error) {
      toastProblem(error);
    } finally {
      this.starting = false;
    }
  }

  async cancel(): Promise<void> {
    if (this.run) await cancelRun(this.run.id).catch(toastProblem);
  }

  receive(message: LiveMessage): void {
    if (message.type !== "run.changed" || !message.data.media.includes(this.media)) return;
    if (message.data.kind === "quick") return;
    const { run_id, state, progress, model, reason } = message.data;
    if (isWorking(state)) {
      this.run = { id: run_id, state, progress, model };
      return;
    }
    if (this.run?.id !== run_id) return;
    this.run = null;
    if (state === "done") toast(t("auto.done"), "good");
    if (state === "failed") toast(sentenceOf(reason) || t("auto.failed"), "bad");
  }
}
