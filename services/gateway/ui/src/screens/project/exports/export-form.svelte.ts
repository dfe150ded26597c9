import { Problem } from "../../../api/problem";
import type { Medium, NewExport, Source } from "../../../api/types";
import { ANNOTATION_TYPES } from "../../../shapes/types";
import type { Mission } from "../../../api/types";
import { emptyBucket, clearKeys, concernsBucket, isFilled } from "../bucket";
import { SplitForm } from "../versions/split-form.svelte";

export const SOURCES: readonly Source[] = ["manual", "quick", "interpolated", "model", "import"];
const NAME = /^[A-Za-z0-9]+$/;
/** The fields of the dialog outside and inside "More options"; errors of other fields are shown above all fields. */
const IN_SIGHT = ["name", "format", "version", "classes", "annotation_types", "media"];
const IN_MORE = ["sources", "labeled_only", "frame_step", "split", "train", "val", "test", "seed"];

export interface Category {
  id: string;
  name: string;
  color: string;
}

/** The state of the export dialog. */
export class ExportForm {
  name = $state("");
  format = $state("");
  /** The dataset version to export; empty: the current labels. */
  version = $state("");
  categories = $state.raw<Category[]>([]);
  media = $state.raw<Medium[]>([]);
  classes = $state.raw(new Set<string>());
  types = $state.raw(new Set<string>(ANNOTATION_TYPES));
  files = $state.raw(new Set<string>());
  images = $state(false);
  imagesAs = $state<NewExport["images_as"]>("frames");
  sources = $state.raw(new Set<string>(SOURCES));
  doneOnly = $state(false);
  labeledOnly = $state<"" | "media" | "frames">("");
  step = $state<number | null>(1);
  keyframesOnly = $state(false);
  readonly split = new SplitForm();
  useBucket = $state(false);
  target = $state(emptyBucket());

  /** Set the available classes and files; everything is selected. */
  setChoices(missions: Mission[], media: Medium[]): void {
    this.categories = classesOf(missions);
    this.media = media;
    this.classes = new Set(this.categories.map((category) => category.id));
    this.files = new Set(media.map((item) => item.id));
  }

  get nameValid(): boolean {
    return NAME.test(this.name);
  }

  get stepValid(): boolean {
    return this.step !== null && Number.isInteger(this.step) && this.step >= 1 && this.step <= 1_000_000;
  }

  get isEmpty(): boolean {
    return this.classes.size === 0 || this.types.size === 0 || this.files.size === 0 || this.sources.size === 0;
  }

  get bucketValid(): boolean {
    return !this.useBucket || isFilled(this.target);
  }

  get optionsValid(): boolean {
    return this.stepValid && this.split.valid;
  }

  get valid(): boolean {
    return this.nameValid && this.bucketValid && this.optionsValid && !this.isEmpty;
  }

  /** The number of options that differ from their defaults. */
  get changed(): number {
    const more = [this.doneOnly, this.labeledOnly, this.step !== 1, this.keyframesOnly, this.split.on];
    return [...more, this.sources.size < SOURCES.length].filter(Boolean).length;
  }

  get request(): NewExport {
    return {
      name: this.name,
      format: this.format,
      version: this.version || null,
      classes: filter(this.classes, this.categories),
      annotation_types: filter(this.types, ANNOTATION_TYPES),
      media: filter(this.files, this.media),
      save_images: this.images,
      images_as: this.imagesAs,
      sources: filter(this.sources, SOURCES) as Source[] | null,
      done_only: this.doneOnly,
      labeled_only: this.labeledOnly || null,
      frame_step: this.step ?? 1,
      keyframes_only: this.keyframesOnly,
      split: this.split.request,
      target: this.useBucket ? { ...this.target } : null,
    };
  }

  /** Clear the bucket's keys, which are used only once. */
  clearKeys(): void {
    clearKeys(this.target);
  }
}

/** If everything is selected, there is no filter, so that later additions are included. */
function filter(selected: Set<string>, all: readonly unknown[]): string[] | null {
  return selected.size === all.length ? null : [...selected];
}

/** Each category once: categories of several missions with the same id are exported together. */
function classesOf(missions: Mission[]): Category[] {
  const categories = new Map<string, Category>();
  for (const { id, name, color } of missions.flatMap((mission) => mission.categories)) {
    const known = categories.get(id);
    if (!known) categories.set(id, { id, name, color });
    else if (!known.name.split(" / ").includes(name)) known.name += ` / ${name}`;
  }
  return [...categories.values()];
}

/** Whether the problem belongs to a field below "More options". */
export function concernsOptions(problem: Problem): boolean {
  return IN_MORE.some((name) => problem.field(name) !== undefined);
}

/** Whether the problem belongs to no field of the dialog. */
export function concernsWholeForm(problem: Problem): boolean {
  return !concernsBucket(problem) && [...IN_SIGHT, ...IN_MORE].every((name) => problem.field(name) === undefined);
}
