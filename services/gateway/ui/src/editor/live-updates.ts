import { readMedium } from "../api/media";
import { listMissions } from "../api/missions";
import { listObjects } from "../api/objects";
import type { ObjectState } from "../api/labels";
import type { LiveMessage } from "../api/live";
import type { Medium } from "../api/types";
import type { AutoLabel } from "./auto-label.svelte";
import type { MediumDocument } from "./document/document";
import type { Missions } from "./missions.svelte";
import type { Playback } from "./playback.svelte";
import type { Presence } from "./presence.svelte";
import type { QuickLabel } from "./quick-label.svelte";

const GATHER_MS = 16;
const READ_AGAIN_MS = 500;

/** The parts of the editor that messages of the live stream update. */
interface Targets {
  medium: Medium;
  readonly document: MediumDocument;
  readonly missions: Missions;
  readonly playback: Playback;
  readonly presence: Presence;
  readonly auto: AutoLabel;
  readonly quick: QuickLabel;
}

/** Applies the messages of the live stream to the editor. */
export class LiveUpdates {
  private changed: ObjectState[] = [];
  private applying: ReturnType<typeof setTimeout> | undefined;
  private readingMissions: ReturnType<typeof setTimeout> | undefined;
  private readingObjects: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly editor: Targets) {}

  receive(message: LiveMessage): void {
    const { editor } = this;
    editor.auto.receive(message);
    editor.quick.receive(message);
    if (message.type === "presence") editor.presence.receive(message.data);
    else if (message.type === "mission.changed") this.readMissions();
    else if (message.type === "reset") {
      this.readMissions();
      this.readObjects();
    } else if ("data" in message && "media_id" in message.data && message.data.media_id === editor.medium.id)
      this.receiveOfMedium(message);
  }

  close(): void {
    clearTimeout(this.applying);
    clearTimeout(this.readingMissions);
    clearTimeout(this.readingObjects);
  }

  private receiveOfMedium(message: LiveMessage): void {
    if (message.type === "annotation.changed") {
      // A large object is not part of its message.
      if (message.data.object) this.gather(message.data.object);
      else this.readObjects();
    } else if (message.type === "clip.ready") void this.updateMedium(message.data.clip);
    else if (message.type === "media.planned") void this.updateMedium(this.editor.playback.clip);
  }

  /** Changes of other users are applied once per animation frame. */
  private gather(object: ObjectState): void {
    this.changed.push(object);
    // A model may have added a category to the mission.
    if (!this.editor.missions.ontology.knows(object.mission, object.category)) this.readMissions();
    this.applying ??= setTimeout(() => {
      this.applying = undefined;
      this.editor.document.receive(this.changed.splice(0));
    }, GATHER_MS);
  }

  private readMissions(): void {
    this.readingMissions ??= setTimeout(() => {
      listMissions(this.editor.medium.project_id)
        .then((missions) => this.editor.missions.update(missions))
        .catch(() => undefined)
        .finally(() => (this.readingMissions = undefined));
    }, READ_AGAIN_MS);
  }

  private readObjects(): void {
    this.readingObjects ??= setTimeout(() => {
      this.readingObjects = undefined;
      void this.replaceObjects();
    }, READ_AGAIN_MS);
  }

  private async replaceObjects(): Promise<void> {
    const { document, medium } = this.editor;
    const known = document.revisions();
    const objects = await listObjects(medium.id).catch(() => null);
    if (objects) document.replaceAll(objects, known);
  }

  /** A clip became ready, or has a better rendition. */
  private async updateMedium(clip: number): Promise<void> {
    const { editor } = this;
    const { width, height } = editor.medium;
    const now = await readMedium(editor.medium.id).catch(() => editor.medium);
    // The size stays: the canvas is laid out for it.
    editor.medium = { ...now, width, height };
    editor.playback.update(editor.medium, clip);
  }
}
