import { applyEdits, listObjects } from "../api/objects";
import { listRuns, readRun, startQuickLabel } from "../api/runs";
import { Live } from "../api/live";
import type { Clip, Medium, Person } from "../api/types";
import type { Drawn } from "../render/render-shape";
import { MediumDocument } from "./document/document";
import { shapeAt, type Shape } from "./document/interpolation";
import { byFirstSeen, defaultLabel, type ObjectState } from "./document/labels";
import { Ontology, type Mission } from "./ontology";
import { Outbox } from "../sync/outbox";
import { Sync, type SyncState } from "../sync/sync";
import { t } from "../i18n/index.svelte";
import { session } from "../session.svelte";
import { toast } from "../toasts.svelte";
import { Ahead } from "./precompute";
import { AutoLabel } from "./auto-label.svelte";
import { drawings, ghosts } from "./render-shapes";
import { Editor } from "./actions.svelte";
import { News } from "./live-updates";
import { Others } from "./presence.svelte";
import { Player } from "./playback.svelte";
import { QuickLabel } from "./quick-label.svelte";
import { nextKeyframe, nextLabeled } from "./seek";

/** The labeling screen's state: one medium, its objects, and what the person does with them. */
export class Workbench {
  /** Grows with every change of the objects; screens that read objects depend on it. */
  version = $state(0);
  selected = $state<string | null>(null);
  hidden = $state.raw(new Set<string>());
  locked = $state.raw(new Set<string>());
  syncState = $state<SyncState>("saved");
  waiting = $state(0);
  refused = $state(0);
  live = $state(false);
  loaded = $state(false);
  zoom = $state(1);
  mission: Mission = $state.raw()!;
  ontology: Ontology = $state.raw()!;
  /** Called whenever another picture is there to be drawn. */
  onpainted: () => void = () => undefined;
  readonly document: MediumDocument;
  readonly sync: Sync;
  readonly player: Player;
  readonly editor: Editor;
  readonly auto: AutoLabel;
  readonly quick: QuickLabel;
  readonly others: Others;
  private readonly ahead = new Ahead();
  private readonly news: News;
  private readonly channel: Live;
  private readonly numbers = new Map<string, number>();
  private readonly stops: (() => void)[] = [];

  constructor(
    public medium: Medium,
    mission: Mission,
    missions: readonly Mission[],
    person: Person,
    firstPainted: () => void,
  ) {
    const { id, project_id } = medium;
    this.mission = mission;
    this.learn(missions);
    this.document = new MediumDocument({ project: project_id, media: id, author: person.id });
    this.sync = new Sync(this.document, new Outbox(id, person.id), id, (edits) => applyEdits(id, edits), () => this.noteSync());
    this.player = new Player(medium, () => {
      firstPainted();
      this.onpainted();
    });
    this.editor = new Editor(this);
    this.auto = new AutoLabel(project_id, id);
    this.quick = new QuickLabel(id, this, {
      start: (object, first, last) => startQuickLabel(project_id, object, first, last),
      read: readRun,
      list: () => listRuns(project_id),
    });
    this.others = new Others(() => this.channel, id);
    this.news = new News(this);
    this.channel = new Live(project_id, id, (message) => this.news.hear(message), () => (this.live = this.channel.connected));
    this.stops.push(this.document.listen(() => this.noteDocument()), session.onSignedIn(() => this.sync.retryNow()));
  }

  /** Read the objects and take up what waits; the first picture is on its way meanwhile. */
  async open(frame: number): Promise<void> {
    this.player.seek(frame);
    const objects = await listObjects(this.medium.id);
    this.document.take(objects.sort(byFirstSeen));
    await this.sync.start().catch(() => undefined);
    this.loaded = true;
    void this.auto.load();
    void this.quick.load().catch(() => undefined);
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.ahead.close();
    this.news.close();
    this.sync.stop();
    this.channel.close();
    this.others.close();
    this.player.close();
  }

  // ---- looking ----

  get clips(): readonly Clip[] {
    return this.player.clips;
  }

  /** All but the labels of the whole medium. */
  get objects(): readonly ObjectState[] {
    void this.version;
    return this.document.objects().filter((object) => object.annotation_type !== "label");
  }

  /** The labels of the whole medium. */
  get labels(): readonly ObjectState[] {
    void this.version;
    return this.document.objects().filter((object) => object.annotation_type === "label");
  }

  get defaultLabel(): string | undefined {
    return defaultLabel(this.labels)?.id;
  }

  get object(): ObjectState | undefined {
    void this.version;
    return this.selected ? this.document.get(this.selected) : undefined;
  }

  /** The selected object on the frame that is seen. */
  get shape(): Shape | null {
    return this.object ? shapeAt(this.object.keyframes, this.player.shown) : null;
  }

  /** A small number for people, the same as long as the screen is open. */
  numberOf(id: string): number {
    let number = this.numbers.get(id);
    if (number === undefined) this.numbers.set(id, (number = this.numbers.size + 1));
    return number;
  }

  /** `Vehicle 3`: what an object is called in messages; a label has no number. */
  titleOf(object: ObjectState): string {
    if (object.annotation_type === "label") return this.ontology.fullName(object);
    return `${this.ontology.categoryName(object)} ${this.numberOf(object.id)}`;
  }

  /** What is drawn on the frame that is seen. */
  drawn(): Drawn[] {
    this.ahead.look(this.document.objects(), this.player.shown);
    return drawings(this);
  }

  ghosts(): Drawn[] {
    return ghosts(this);
  }

  select(id: string | null): void {
    this.selected = id;
    if (id) this.editor.discard();
  }

  /** Select an object from the list; where it is not seen on this frame, go to where it is first. */
  show(id: string): void {
    this.select(id);
    const object = this.document.get(id);
    if (object && !shapeAt(object.keyframes, this.player.frame)) {
      const first = object.keyframes.find((one) => !one.outside);
      if (first) this.player.seek(first.frame);
    }
  }

  selectNext(by: 1 | -1): void {
    const here = this.drawn();
    if (here.length === 0) return;
    const at = here.findIndex((one) => one.id === this.selected);
    this.select(here[(at + by + here.length) % here.length]!.id);
  }

  seekLabeled(by: 1 | -1): void {
    const next = nextLabeled(this.objects, this.player.frame, by, this.player.count - 1);
    if (next !== null) this.player.seek(next);
  }

  seekKeyframe(by: 1 | -1): void {
    const next = this.object && nextKeyframe(this.object, this.player.frame, by);
    if (next !== undefined) this.player.seek(next);
  }

  toggleHidden(id: string): void {
    this.hidden = toggled(this.hidden, id);
  }

  toggleLocked(id: string): void {
    this.locked = toggled(this.locked, id);
  }

  // ---- what others and models tell ----

  /** Take in the project's missions as they are now. */
  learn(missions: readonly Mission[]): void {
    this.ontology = new Ontology(missions);
    this.mission = this.ontology.mission(this.mission.id) ?? this.mission;
    this.version += 1;
  }

  stored(object: string): Promise<boolean> {
    return this.sync.stored(object);
  }

  lost(object: string, frame: number): void {
    const found = this.document.get(object);
    const name = found ? this.titleOf(found) : "";
    toast(t("quick.lost", { name, frame: frame + 1 }), "bad", 20, () => {
      this.select(object);
      this.player.seek(frame);
    });
  }

  private noteDocument(): void {
    this.version += 1;
    this.waiting = this.document.pending.length;
  }

  private noteSync(): void {
    this.syncState = this.sync.state;
    this.waiting = this.sync.waiting;
    this.refused = this.sync.quarantine.length;
  }
}

function toggled(set: ReadonlySet<string>, id: string): Set<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
