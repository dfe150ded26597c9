import type { Attribute, Category, Mission } from "../api/labels";
import { Ontology } from "./ontology";

/** The project's missions, and the selected one. */
export class Missions {
  current = $state.raw() as Mission;
  ontology = $state.raw() as Ontology;

  constructor(missions: readonly Mission[], current: Mission) {
    this.current = current;
    this.update(missions);
  }

  /** Replace the missions. */
  update(missions: readonly Mission[]): void {
    this.ontology = new Ontology(missions);
    this.current = this.ontology.mission(this.current.id) ?? this.current;
  }

  get categories(): readonly Category[] {
    return this.current.categories;
  }

  /** The category of a digit key: the project's label for the key, or else the category at this position. */
  categoryOfKey(key: number, labels: Readonly<Record<string, string>>): Category | undefined {
    const label = labels[String(key)];
    return label ? this.categories.find(({ name }) => name === label) : this.categories[key - 1];
  }

  /** The attributes of a category and type of the current mission. */
  attributesOf(category: string, type: string | null): Attribute[] {
    return this.ontology.attributes({ mission: this.current.id, category, type });
  }
}
