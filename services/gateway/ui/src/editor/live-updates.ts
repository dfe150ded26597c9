import { readMedium } from "../api/media";
import { listMissions } from "../api/missions";
import { listObjects } from "../api/objects";
import type { LiveMessage } from "../api/live";
import type { ObjectState } from "./document/labels";
import type { Workbench } from "./store.svelte";

const GATHER_MS = 16;
const ASK_AGAIN_MS = 500;

/** What the live stream tells, taken into the bench. */
export class News {
  private told: ObjectState[] = [];
  private telling: ReturnType<typeof setTimeout> | undefined;
  private asking: ReturnType<typeof setTimeout> | undefined;
  private reading: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly bench: Workbench) {}

  hear(message: LiveMessage): void {
    const { bench } = this;
    bench.auto.hear(message);
    bench.quick.hear(message);
    if (message.type === "presence") bench.others.hear(message.data);
    else if (message.type === "mission.changed") this.askMissions();
    else if (message.type === "reset") {
      this.askMissions();
      this.askObjects();
    } else if ("data" in message && "media_id" in message.data && message.data.media_id === bench.medium.id)
      this.hearOfMedium(message);
  }

  close(): void {
    clearTimeout(this.telling);
    clearTimeout(this.asking);
    clearTimeout(this.reading);
  }

  private hearOfMedium(message: LiveMessage): void {
    if (message.type === "annotation.changed") {
      // A large object is not told itself.
      if (message.data.object) this.take(message.data.object);
      else this.askObjects();
    } else if (message.type === "clip.ready") void this.noteClip(message.data.clip);
    else if (message.type === "media.planned") void this.noteClip(this.bench.player.clip);
  }

  /** Others' changes are taken in once per picture, however many come. */
  private take(object: ObjectState): void {
    this.told.push(object);
    // A model may have added a category to the mission.
    if (!this.bench.ontology.knows(object.mission, object.category)) this.askMissions();
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      this.bench.document.take(this.told.splice(0));
    }, GATHER_MS);
  }

  private askMissions(): void {
    this.asking ??= setTimeout(() => {
      listMissions(this.bench.medium.project_id)
        .then((missions) => this.bench.learn(missions))
        .catch(() => undefined)
        .finally(() => (this.asking = undefined));
    }, ASK_AGAIN_MS);
  }

  private askObjects(): void {
    this.reading ??= setTimeout(() => {
      this.reading = undefined;
      void this.readAgain();
    }, ASK_AGAIN_MS);
  }

  private async readAgain(): Promise<void> {
    const { document, medium } = this.bench;
    const known = document.known();
    const objects = await listObjects(medium.id).catch(() => null);
    if (objects) document.replaceAll(objects, known);
  }

  /** Another clip can be shown, or is shown better from now on. */
  private async noteClip(clip: number): Promise<void> {
    const { bench } = this;
    const { width, height } = bench.medium;
    const now = await readMedium(bench.medium.id).catch(() => bench.medium);
    // What was seen first stays: the canvas is laid out for it.
    bench.medium = { ...now, width, height };
    bench.player.learn(bench.medium, clip);
  }
}
