/** Mission → category → type → attribute. Objects refer to ids; the screen shows names. */
import type { Attribute, Attributes, AttributeValue, Category, Mission, ObjectState } from "../api/labels";
import { PALETTE } from "../render/palette";

/** The values of known attributes, with defaults for those that have none. */
export function fitting(values: Attributes, known: readonly Attribute[]): Attributes {
  const pairs = known.map(({ id, default: preset }) => [id, values[id] ?? preset] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, AttributeValue] => pair[1] !== null));
}

type Named = Pick<ObjectState, "mission" | "category" | "type">;

/** The missions of a project, looked up by id. */
export class Ontology {
  readonly missions: ReadonlyMap<string, Mission>;
  private readonly categories = new Map<string, Map<string, Category>>();
  /** Categories of any mission: for objects of a mission that is deleted or not loaded yet. */
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

  /** Whether a category is known in its own mission. */
  knows(mission: string, category: string): boolean {
    return this.categories.get(mission)?.has(category) ?? false;
  }

  category(mission: string, category: string): Category | undefined {
    return this.categories.get(mission)?.get(category) ?? this.anywhere.get(category);
  }

  color(object: Named): string {
    return this.category(object.mission, object.category)?.color ?? PALETTE.unclassified;
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

  /** The attributes of an object: those of its category, then those of its type. */
  attributes(object: Named): Attribute[] {
    const category = this.category(object.mission, object.category);
    const type = category?.types.find((type) => type.id === object.type);
    return [...(category?.attributes ?? []), ...(type?.attributes ?? [])];
  }

  /** The name of a behavior by its id. */
  behaviorName(mission: string, behavior: string): string {
    return this.missions.get(mission)?.behaviors.find((item) => item.id === behavior)?.name ?? behavior;
  }

  edges(object: Named): readonly (readonly [string, string])[] {
    return this.category(object.mission, object.category)?.joints?.edges ?? [];
  }
}
