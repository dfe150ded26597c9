import type { AttributeValue } from "../../api/labels";
import type { Attribute, Category } from "../../api/labels";
import type { SkeletonTemplate } from "../../api/labels";

/** A category in the form. An empty `id` belongs to a new one and becomes its name. */
export interface CategoryRow {
  id: string;
  name: string;
  color: string;
  parent: string | null;
  joints: SkeletonTemplate | null;
  types: TypeRow[];
  attributes: AttributeRow[];
}

export interface TypeRow {
  id: string;
  name: string;
  attributes: AttributeRow[];
}

export interface AttributeRow {
  id: string;
  name: string;
  kind: Attribute["kind"];
  /** `Left, Right`. */
  values: string;
  mutable: boolean;
  default: AttributeValue | null;
}

export const emptyCategory = (color: string): CategoryRow => ({
  id: "",
  name: "",
  color,
  parent: null,
  joints: null,
  types: [],
  attributes: [],
});
export const emptyType = (): TypeRow => ({ id: "", name: "", attributes: [] });
export const emptyAttribute = (): AttributeRow => ({
  id: "",
  name: "",
  kind: "select",
  values: "",
  mutable: false,
  default: null,
});

/** The names in a list such as `Car, Truck`, each once. */
export function listOf(text: string): string[] {
  const names = text.split(/[,，、]/).map((name) => name.trim());
  return [...new Set(names.filter(Boolean))];
}

export function rowsOf(categories: readonly Category[]): CategoryRow[] {
  return categories.map(({ id, name, color, parent, joints, types, attributes }) => ({
    id, name, color, parent, joints,
    types: types.map((type) => ({ ...type, attributes: type.attributes.map(attributeRow) })),
    attributes: attributes.map(attributeRow),
  }));
}

function attributeRow(attribute: Attribute): AttributeRow {
  return { ...attribute, values: attribute.values.join(", ") };
}

/** The categories of the rows. Rows without a name are skipped; new ones get an id. */
export function categoriesOf(rows: readonly CategoryRow[]): Category[] {
  return named(rows).map(({ types, attributes, ...category }) => ({
    ...category,
    types: named(types).map((type) => ({ id: type.id, name: type.name, attributes: attributesOf(type.attributes) })),
    attributes: attributesOf(attributes),
  }));
}

function attributesOf(rows: readonly AttributeRow[]): Attribute[] {
  return named(rows).map((row) => {
    const values = row.kind === "select" ? listOf(row.values) : [];
    return { ...row, values, default: fits(row, values) ? row.default : null };
  });
}

/** Whether the default still fits the edited attribute. */
function fits({ kind, default: preset }: AttributeRow, values: readonly string[]): boolean {
  if (kind === "select") return typeof preset === "string" && values.includes(preset);
  return typeof preset === { bool: "boolean", number: "number", text: "string" }[kind];
}

function named<Row extends { id: string; name: string }>(rows: readonly Row[]): Row[] {
  const named = rows.map((row) => ({ ...row, name: row.name.trim() })).filter((row) => row.name);
  const ids = new Set(named.map((row) => row.id).filter(Boolean));
  return named.map((row) => (row.id ? row : { ...row, id: freshId(row.name, ids) }));
}

/** The name as the id, with a number if the id is in use. */
function freshId(name: string, ids: Set<string>): string {
  let id = name;
  for (let number = 2; ids.has(id); number += 1) id = `${name} ${number}`;
  ids.add(id);
  return id;
}

/** The first duplicate name within a list, if any. */
export function duplicateName(rows: readonly CategoryRow[]): string | undefined {
  const lists: readonly (readonly { name: string }[])[] = [
    rows,
    ...rows.map((row) => row.types),
    ...rows.flatMap((row) => [row.attributes, ...row.types.map((type) => [...row.attributes, ...type.attributes])]),
  ];
  for (const list of lists) {
    const names = list.map((item) => item.name.trim()).filter(Boolean);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice) return twice;
  }
  return undefined;
}
