/** What a team labels: mission → category → type → attribute. Objects refer to ids, people see names. */
import type { Attributes, AttributeValue, ObjectState } from "./document/labels";

export interface Attribute {
  id: string;
  name: string;
  kind: "select" | "bool" | "number" | "text";
  values: string[];
  /** A mutable one may differ from keyframe to keyframe. */
  mutable: boolean;
  default: AttributeValue | null;
}

export interface Type {
  id: string;
  name: string;
  attributes: Attribute[];
}

/** The named points of a category's skeletons and which of them lines join. */
export interface Joints {
  names: string[];
  edges: [string, string][];
}

export interface Category {
  id: string;
  name: string;
  color: string;
  parent: string | null;
  types: Type[];
  attributes: Attribute[];
  joints: Joints | null;
}

export interface BehaviorType {
  id: string;
  name: string;
  attributes: string[];
}

export interface Mission {
  id: string;
  name: string;
  builtin: boolean;
  annotation_types: string[];
  categories: Category[];
  behaviors: BehaviorType[];
  revision: number;
}

/** Those of `values` that the attributes know, and the attributes' defaults for the others. */
export function fitting(values: Attributes, known: readonly Attribute[]): Attributes {
  const found = known.map(({ id, default: preset }) => [id, values[id] ?? preset] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, AttributeValue] => pair[1] !== null));
}

const UNKNOWN_COLOR = "#9aa7b3";
type Named = Pick<ObjectState, "mission" | "category" | "type">;

/** The missions of a project, looked up by id. */
export class Ontology {
  readonly missions: ReadonlyMap<string, Mission>;
  private readonly categories = new Map<string, Map<string, Category>>();
  /** Of any mission: for objects whose mission is gone, or not known here yet. */
  private readonly anywhere = new Map<string, Category>();

  constructor(missions: readonly Mission[]) {
    this.missions = new Map(missions.map((mission) => [mission.id, mission]));
    for (const mission of missions) {
      this.categories.set(mission.id, new Map(mission.categories.map((category) => [category.id, category])));
      for (const category of mission.categories)
        if (!this.anywhere.has(category.id)) this.anywhere.set(category.id, category);
    }
  }

  mission(id: string): Mission | undefined {
    return this.missions.get(id);
  }

  /** Whether the very category is known, in its own mission. */
  knows(mission: string, category: string): boolean {
    return this.categories.get(mission)?.has(category) ?? false;
  }

  category(mission: string, category: string): Category | undefined {
    return this.categories.get(mission)?.get(category) ?? this.anywhere.get(category);
  }

  color(object: Named): string {
    return this.category(object.mission, object.category)?.color ?? UNKNOWN_COLOR;
  }

  categoryName(object: Named): string {
    return this.category(object.mission, object.category)?.name ?? object.category;
  }

  typeName(object: Named): string | null {
    if (object.type === null) return null;
    const types = this.category(object.mission, object.category)?.types;
    return types?.find((type) => type.id === object.type)?.name ?? object.type;
  }

  /** `Vehicle · Car`. */
  fullName(object: Named): string {
    const type = this.typeName(object);
    return type === null ? this.categoryName(object) : `${this.categoryName(object)} · ${type}`;
  }

  /** What can be said of such an object: its category's attributes, then its type's own. */
  attributes(object: Named): Attribute[] {
    const category = this.category(object.mission, object.category);
    const type = category?.types.find((one) => one.id === object.type);
    return [...(category?.attributes ?? []), ...(type?.attributes ?? [])];
  }

  /** The name of a behaviour by the id that objects keep. */
  behaviorName(mission: string, behavior: string): string {
    return this.missions.get(mission)?.behaviors.find((one) => one.id === behavior)?.name ?? behavior;
  }

  edges(object: Named): readonly (readonly [string, string])[] {
    return this.category(object.mission, object.category)?.joints?.edges ?? [];
  }
}
