import { applyEdits, listObjects } from "../api/objects";
import { listRuns, readRun, startQuickLabel } from "../api/runs";
import type { Mission } from "../api/labels";
import { Live } from "../api/live";
import type { Clip, Medium, Person, Project } from "../api/types";
import { t } from "../i18n/index.svelte";
import { session } from "../session.svelte";
import { Outbox } from "../sync/outbox";
import { Sync } from "../sync/sync";
import { toast } from "../toasts.svelte";
import type { DialogId, Editor, Tool } from "./api";
import { AutoLabel } from "./auto-label.svelte";
import { MediumDocument, type Conflict } from "./document/document";
import { byFirstFrame } from "./document/labels";
import { EditSession } from "./document/session";
import { ObjectEdits } from "./edits.svelte";
import { LiveUpdates } from "./live-updates";
import { Missions } from "./missions.svelte";
import { NewObjects } from "./new-objects.svelte";
import { Objects } from "./objects.svelte";
import { Playback } from "./playback.svelte";
import { Precompute } from "./precompute";
import { Presence } from "./presence.svelte";
import { QuickLabel } from "./quick-label.svelte";
import { nextKeyframe, nextLabeled } from "./seek";
import { Selection } from "./selection.svelte";
import { SyncStatus } from "./status.svelte";
import { ToolRunner } from "./toolbox.svelte";
import { EditorViewport } from "./viewport.svelte";

export interface EditorOptions {
  medium: Medium;
  project: Project;
  mission: Mission;
  missions: readonly Mission[];
  person: Person;
  tools: readonly Tool[];
  /** Called for every decoded frame. */
  onframe: () => void;
}

/** The state of the labeling screen: one medium, its objects, and the actions of the user. */
export class EditorStore implements Editor {
  dialog = $state<DialogId | null>(null);
  frameNumberRequests = $state(0);
  medium: Medium;
  loaded = $state(false);
  readonly project: Project;
  readonly document: MediumDocument;
  readonly selection = new Selection(() => this.newObjects.discard());
  readonly status = new SyncStatus();
  readonly missions: Missions;
  readonly viewport: EditorViewport;
  readonly playback: Playback;
  readonly objects: Objects;
  readonly edits: ObjectEdits;
  readonly newObjects: NewObjects;
  readonly toolbox: ToolRunner;
  readonly auto: AutoLabel;
  readonly quick: QuickLabel;
  readonly presence: Presence;
  private readonly sync: Sync;
  private readonly session: EditSession;
  private readonly precompute = new Precompute();
  private readonly updates: LiveUpdates;
  private readonly live: Live;
  private readonly stops: (() => void)[] = [];

  constructor({ medium, project, mission, missions, person, tools, onframe }: EditorOptions) {
    const { id, project_id } = medium;
    this.medium = medium;
    this.project = project;
    this.missions = new Missions(missions, mission);
    const owner = { project: project_id, media: id, author: person.id };
    this.document = new MediumDocument(owner, project.settings.undo_length);
    const outbox = new Outbox(id, person.id);
    this.sync = new Sync(this.document, outbox, id, (edits) => applyEdits(id, edits), () => this.status.update(this.sync));
    this.session = new EditSession(this.document, this.sync);
    this.viewport = new EditorViewport({ width: medium.width ?? 1, height: medium.height ?? 1 });
    this.playback = new Playback(medium, onframe);
    const scale = (): number => this.viewport.view.scale;
    this.objects = new Objects(this.document, this.playback, this.missions, this.selection, scale);
    this.edits = new ObjectEdits(this.session, this.objects, this.selection);
    this.newObjects = new NewObjects(this.session, this.objects, this.selection);
    this.auto = new AutoLabel(project_id, id);
    this.quick = new QuickLabel(id, this, {
      start: (object, first, last) => startQuickLabel(project_id, object, first, last),
      read: readRun,
      list: () => listRuns(project_id),
    });
    this.presence = new Presence(() => this.live, id);
    this.updates = new LiveUpdates(this);
    const connected = (): void => void (this.status.live = this.live.connected);
    this.live = new Live(project_id, id, (message) => this.updates.receive(message), connected);
    this.toolbox = new ToolRunner(tools, this);
    this.stops.push(
      this.document.subscribe(() => this.status.update(this.sync)),
      session.onSignedIn(() => this.sync.retryNow()),
    );
  }

  /** Read the objects and restore pending edits, while the image of `frame` loads. */
  async open(frame: number): Promise<void> {
    this.playback.seek(frame);
    const objects = await listObjects(this.medium.id);
    this.document.receive(objects.sort(byFirstFrame));
    await this.sync.start().catch(() => undefined);
    this.loaded = true;
    void this.auto.load();
    void this.quick.load().catch(() => undefined);
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.precompute.close();
    this.updates.close();
    this.sync.stop();
    this.live.close();
    this.presence.close();
    this.playback.close();
  }

  get clips(): readonly Clip[] {
    return this.playback.clips;
  }

  /** Prepare the frames after the visible one. */
  prepareAhead(): void {
    this.precompute.prepare(this.document.objects(), this.playback.shown);
  }

  classify(category: string, type: string | null): void {
    if (this.newObjects.draft) return this.newObjects.classify(category, type);
    for (const { annotation_type } of this.objects.allSelected) this.newObjects.use(annotation_type, category, type);
    this.edits.setCategory(this.missions.current.id, category, type);
  }

  pickCategory(key: number): void {
    const category = this.missions.categoryOfKey(key, this.project.settings.label_keys)?.id;
    if (category === undefined) return;
    if (this.newObjects.draft) {
      this.newObjects.classify(category, null);
      this.newObjects.confirm();
    } else if (this.objects.allSelected.length > 0) this.classify(category, null);
    else this.useForNext(category);
  }

  /** The category of the next object; without a drawing tool, of the next box. */
  private useForNext(category: string): void {
    const kind = this.toolbox.tool.draws;
    this.newObjects.use(kind ?? "bbox", category, null);
    const tool = kind ? undefined : this.toolbox.drawing("bbox");
    if (tool) this.toolbox.use(tool.id);
  }

  cancel(): void {
    if (this.toolbox.cancel()) return;
    if (this.newObjects.draft) this.newObjects.discard();
    else if (!this.toolbox.isFallback) this.toolbox.useFallback();
    else this.selection.clear();
  }

  seekLabeled(by: 1 | -1): void {
    const next = nextLabeled(this.objects.all, this.playback.frame, by, this.playback.count - 1);
    if (next !== null) this.playback.seek(next);
  }

  seekKeyframe(by: 1 | -1): void {
    const object = this.objects.selected;
    const next = object && nextKeyframe(object, this.playback.frame, by);
    if (next !== undefined) this.playback.seek(next);
  }

  conflicts(): readonly Conflict[] {
    void this.objects.version;
    return [...this.document.conflicts.values()];
  }

  resolveConflict(object: string, keep: "mine" | "theirs"): void {
    this.session.resolveConflict(object, keep);
  }

  dismissRefused(id: string): void {
    this.sync.dismissRefused(id);
  }

  saveNow(): void {
    this.sync.retryNow();
    toast(t(this.status.waiting > 0 ? "save.going" : "save.done"), "good", 3);
  }

  // ---- quick label ----

  stored(object: string): Promise<boolean> {
    return this.sync.stored(object);
  }

  /** A run lost the object on a frame. */
  trackingLost(id: string, frame: number): void {
    const object = this.document.get(id);
    const name = object ? this.objects.titleOf(object) : "";
    toast(t("quick.lost", { name, frame: frame + 1 }), "bad", 20, () => {
      this.selection.replace(id);
      this.playback.seek(frame);
    });
  }
}
