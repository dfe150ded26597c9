import { applyEdits, listMissions, listObjects, readMedium } from "../../api/calls";
import { Live, type LiveMessage } from "../../api/live";
import type { Clip, Medium, Person } from "../../api/types";
import type { Ghost, Tool } from "../../canvas/stage";
import type { Drawn } from "../../canvas/paint";
import { MediumDocument } from "../../core/document";
import { newId } from "../../core/ids";
import { shapeAt, visibleSpans, type Shape } from "../../core/interpolation";
import type { AttributeValue, Box, Category, Change, Keyframe, Mission, ObjectState } from "../../core/labels";
import { Outbox } from "../../core/outbox";
import { Sync, type SyncState } from "../../core/sync";
import { t } from "../../i18n/index.svelte";
import { session } from "../../session.svelte";
import { toast } from "../../toasts.svelte";
import { AutoLabel } from "./autolabel.svelte";
import { Others } from "./others.svelte";
import { Player } from "./player.svelte";

const GATHER_MS = 16;
const ASK_AGAIN_MS = 500;
const NO_CATEGORY_COLOR = "#9aa7b3";

/** A box that was drawn and has no category yet. */
export interface Draft {
  frame: number;
  box: Box;
  category: string;
  type: string | null;
  attributes: Record<string, AttributeValue>;
}

/** The labeling screen's state: one medium, its objects, and what the person does with them. */
export class Workbench {
  /** Grows with every change of the objects; screens that read objects depend on it. */
  version = $state(0);
  selected = $state<string | null>(null);
  tool = $state<Tool>("select");
  draft = $state.raw<Draft | null>(null);
  hidden = $state.raw(new Set<string>());
  locked = $state.raw(new Set<string>());
  syncState = $state<SyncState>("saved");
  waiting = $state(0);
  refused = $state(0);
  live = $state(false);
  loaded = $state(false);
  zoom = $state(1);
  /** Called whenever another picture is there to be drawn. */
  onpainted: () => void = () => undefined;
  mission: Mission = $state.raw()!;
  readonly document: MediumDocument;
  readonly sync: Sync;
  readonly player: Player;
  readonly auto: AutoLabel;
  readonly others: Others;
  private readonly channel: Live;
  private readonly numbers = new Map<string, number>();
  private readonly colors = new Map<string, string>();
  private last: Pick<Draft, "category" | "type"> = { category: "", type: null };
  private copied: { object: ObjectState; box: Box } | null = null;
  private told: ObjectState[] = [];
  private telling: ReturnType<typeof setTimeout> | undefined;
  private asking: ReturnType<typeof setTimeout> | undefined;
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
    this.auto = new AutoLabel(project_id, id);
    this.others = new Others(() => this.channel, id);
    this.channel = new Live(project_id, id, (message) => this.hear(message), () => (this.live = this.channel.connected));
    this.stops.push(this.document.listen(() => this.noteDocument()), session.onSignedIn(() => this.sync.retryNow()));
  }

  /** Read the objects and take up what waits; the first picture is on its way meanwhile. */
  async open(frame: number): Promise<void> {
    this.player.seek(frame);
    const objects = await listObjects(this.medium.id);
    objects.sort((a, b) => (a.keyframes[0]?.frame ?? 0) - (b.keyframes[0]?.frame ?? 0) || (a.id < b.id ? -1 : 1));
    this.document.take(objects);
    await this.sync.start().catch(() => undefined);
    this.loaded = true;
    void this.auto.load();
  }

  close(): void {
    for (const stop of this.stops) stop();
    clearTimeout(this.telling);
    clearTimeout(this.asking);
    this.sync.stop();
    this.channel.close();
    this.others.close();
    this.player.close();
  }

  // ---- looking ----

  get clips(): readonly Clip[] {
    return this.player.clips;
  }

  get objects(): readonly ObjectState[] {
    void this.version;
    return this.document.objects();
  }

  get object(): ObjectState | undefined {
    void this.version;
    return this.selected ? this.document.get(this.selected) : undefined;
  }

  /** The selected object on the frame that is seen. */
  get shape(): Shape | null {
    return this.object ? shapeAt(this.object.keyframes, this.player.shown) : null;
  }

  colorOf(category: string): string {
    return this.colors.get(category) ?? NO_CATEGORY_COLOR;
  }

  /** A small number for people, the same as long as the screen is open. */
  numberOf(id: string): number {
    let number = this.numbers.get(id);
    if (number === undefined) this.numbers.set(id, (number = this.numbers.size + 1));
    return number;
  }

  categoryOf(name: string): Category | undefined {
    return this.mission.categories.find((one) => one.name === name);
  }

  /** What is drawn on the frame that is seen. */
  drawn(): Drawn[] {
    const shapes: Drawn[] = [];
    for (const object of this.document.objects()) {
      if (this.hidden.has(object.id)) continue;
      const shape = shapeAt(object.keyframes, this.player.shown);
      if (!shape) continue;
      const score = shape.score !== null && object.source === "model" && !object.done ? ` ${shape.score.toFixed(2)}` : "";
      shapes.push({
        id: object.id,
        box: shape.box,
        key: shape.key,
        occluded: shape.occluded,
        locked: this.locked.has(object.id),
        color: this.colorOf(object.category),
        tag: `${object.type ?? object.category} ${this.numberOf(object.id)}${score}`,
      });
    }
    return shapes;
  }

  ghosts(): Ghost[] {
    const ghosts: Ghost[] = [];
    for (const { mine, theirs } of this.document.conflicts.values()) {
      const [a, b] = [mine, theirs].map((one) => (one.deleted ? null : shapeAt(one.keyframes, this.player.shown)));
      if (a) ghosts.push({ box: a.box, color: "#ffffff", name: t("conflict.mine") });
      if (b) ghosts.push({ box: b.box, color: "#f0a35e", name: t("conflict.theirs") });
    }
    return ghosts;
  }

  select(id: string | null): void {
    this.selected = id;
    if (id && this.draft) this.draft = null;
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

  /** The next frame in that direction on which there is any object. */
  seekLabeled(by: 1 | -1): void {
    const from = this.player.frame;
    let best: number | null = null;
    for (const object of this.document.objects()) {
      for (const [first, last] of visibleSpans(object.keyframes, this.player.count - 1)) {
        const near = by > 0 ? Math.max(first, from + 1) : Math.min(last, from - 1);
        if (near < first || near > last) continue;
        if (best === null || (near - best) * by < 0) best = near;
      }
    }
    if (best !== null) this.player.seek(best);
  }

  seekKeyframe(by: 1 | -1): void {
    const frames = this.object?.keyframes.map((one) => one.frame) ?? [];
    const { frame } = this.player;
    const next = by > 0 ? frames.find((one) => one > frame) : frames.findLast((one) => one < frame);
    if (next !== undefined) this.player.seek(next);
  }

  toggleHidden(id: string): void {
    this.hidden = toggled(this.hidden, id);
  }

  toggleLocked(id: string): void {
    this.locked = toggled(this.locked, id);
  }

  // ---- editing ----

  use(tool: Tool): void {
    if (tool === "box") {
      this.player.pause();
      this.selected = null;
    }
    this.tool = tool;
  }

  /** A box was drawn: it waits for its category, the last one used is proposed. */
  drew(box: Box): void {
    this.draft = { frame: this.player.shown, box, ...this.last, attributes: {} };
    this.tool = "select";
    this.selected = null;
  }

  /** Make the drawn box an object; without a category it is refused. */
  confirm(): void {
    const { draft } = this;
    if (!draft) return;
    if (!draft.category) return toast(t("attributes.no-category"), "bad", 4);
    const object = newId();
    const { category, type, attributes } = draft;
    const keyframes = [manual(draft.frame, draft.box)];
    this.draft = null;
    this.last = { category, type };
    this.do([{ verb: "create", object, mission: this.mission.name, category, type, attributes, keyframes }]);
    this.select(object);
  }

  discard(): void {
    this.draft = null;
  }

  /** Number key: the category at that place, for the drawn box, the selected object or the next box. */
  pick(place: number): void {
    const category = this.mission.categories[place - 1];
    if (!category) return;
    if (this.draft) {
      this.draft = { ...this.draft, category: category.name, type: null, attributes: {} };
      this.confirm();
    } else if (this.object) this.setCategory(category.name, null);
    else {
      this.last = { category: category.name, type: null };
      this.use("box");
    }
  }

  setCategory(category: string, type: string | null): void {
    const { object } = this;
    if (!object || (object.category === category && object.type === type)) return;
    this.last = { category, type };
    this.do([{ verb: "set_category", object: object.id, mission: this.mission.name, category, type }]);
  }

  setAttribute(name: string, value: AttributeValue | null): void {
    if (this.object) this.do([{ verb: "set_attributes", object: this.object.id, attributes: { [name]: value } }]);
  }

  toggleDone(id: string): void {
    const object = this.document.get(id);
    if (object) this.do([{ verb: "set_done", object: id, done: !object.done }]);
  }

  /** Put a box on the frame that is seen. */
  move(id: string, box: Box): void {
    const object = this.document.get(id);
    if (!object || this.locked.has(id)) return;
    const before = shapeAt(object.keyframes, this.player.shown);
    this.put(id, { ...manual(this.player.shown, box), occluded: before?.occluded ?? false });
  }

  /** Make the frame that is seen a key frame of the selected object, or take it away. */
  toggleKeyframe(): void {
    const { object, shape } = this;
    if (!object || !shape || this.locked.has(object.id)) return;
    const frame = this.player.shown;
    if (!shape.key) this.put(object.id, { ...manual(frame, shape.box), occluded: shape.occluded });
    else if (seenWithout(object, frame)) this.do([{ verb: "remove_keyframe", object: object.id, frame }]);
    else toast(t("keyframe.last"), "bad", 4);
  }

  /** From this frame on the selected object is out of view, or back in it. */
  toggleOutside(): void {
    const { object, shape } = this;
    if (!object || this.locked.has(object.id)) return;
    const frame = this.player.shown;
    if (shape && !seenWithout(object, frame)) return toast(t("keyframe.nowhere"), "bad", 4);
    if (shape) return this.put(object.id, { ...manual(frame, shape.box), outside: true, occluded: shape.occluded });
    const near = object.keyframes.findLast((one) => one.frame <= frame) ?? object.keyframes[0];
    if (near) this.put(object.id, manual(frame, near.geometry));
  }

  toggleOccluded(): void {
    const { object, shape } = this;
    if (!object || !shape || this.locked.has(object.id)) return;
    this.put(object.id, { ...manual(this.player.shown, shape.box), occluded: !shape.occluded });
  }

  deleteSelected(): void {
    if (!this.object || this.locked.has(this.object.id)) return;
    const { id } = this.object;
    this.selected = null;
    this.do([{ verb: "delete", object: id }]);
  }

  deleteAll(): void {
    this.selected = null;
    this.do(this.document.objects().map((object) => ({ verb: "delete", object: object.id })));
  }

  copy(): void {
    if (this.object && this.shape) this.copied = { object: this.object, box: this.shape.box };
  }

  /** A new object like the copied one, on the frame that is seen. */
  paste(): void {
    if (!this.copied) return;
    const { mission, category, type, attributes } = this.copied.object;
    const object = newId();
    const keyframes = [manual(this.player.shown, this.copied.box)];
    this.do([{ verb: "create", object, mission, category, type, attributes, keyframes }]);
    this.select(object);
  }

  undo(): void {
    this.sync.undo();
  }

  redo(): void {
    this.sync.redo();
  }

  private put(object: string, keyframe: Keyframe): void {
    this.do([{ verb: "put_keyframe", object, keyframe }]);
  }

  private do(changes: Change[]): void {
    if (changes.length > 0) this.sync.perform(changes);
  }

  // ---- hearing ----

  private hear(message: LiveMessage): void {
    this.auto.hear(message);
    if (message.type === "presence") this.others.hear(message.data);
    else if (message.type === "reset") void this.readAgain();
    else if (message.type === "annotation.changed" && message.data.media_id === this.medium.id) {
      if (message.data.object) this.take(message.data.object);
      else void this.readAgain();
    } else if (message.type === "clip.ready" && message.data.media_id === this.medium.id) {
      void this.noteClip(message.data.clip);
    } else if (message.type === "media.planned" && message.data.media_id === this.medium.id) {
      void this.noteClip(this.player.clip);
    }
  }

  /** Others' changes are taken in once per picture, however many come. */
  private take(object: ObjectState): void {
    this.told.push(object);
    // A model may have added a category to the mission.
    if (!this.colors.has(object.category)) this.askMissions();
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      this.document.take(this.told.splice(0));
    }, GATHER_MS);
  }

  private learn(missions: readonly Mission[]): void {
    this.mission = missions.find((one) => one.id === this.mission.id) ?? this.mission;
    for (const category of [...missions.flatMap((one) => one.categories), ...this.mission.categories])
      this.colors.set(category.name, category.color);
  }

  private askMissions(): void {
    this.asking ??= setTimeout(() => {
      listMissions(this.medium.project_id)
        .then((missions) => {
          this.learn(missions);
          this.version += 1;
        })
        .catch(() => undefined)
        .finally(() => (this.asking = undefined));
    }, ASK_AGAIN_MS);
  }

  private async readAgain(): Promise<void> {
    const known = this.document.known();
    const objects = await listObjects(this.medium.id).catch(() => null);
    if (objects) this.document.replaceAll(objects, known);
  }

  /** Another clip can be shown, or is shown better from now on. */
  private async noteClip(clip: number): Promise<void> {
    const { width, height } = this.medium;
    const now = await readMedium(this.medium.id).catch(() => this.medium);
    // What was seen first stays: the canvas is laid out for it.
    this.medium = { ...now, width, height };
    this.player.learn(this.medium, clip);
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

function manual(frame: number, geometry: Box): Keyframe {
  return { frame, geometry, outside: false, occluded: false, source: "manual", score: null };
}

/** Whether the object would be seen anywhere without its key frame on `frame`. */
function seenWithout(object: ObjectState, frame: number): boolean {
  return object.keyframes.some((one) => one.frame !== frame && !one.outside);
}

function toggled(set: ReadonlySet<string>, id: string): Set<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
