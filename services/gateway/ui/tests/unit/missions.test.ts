import { describe, expect, it } from "vitest";
import { fitting, Ontology } from "../../src/editor/ontology";
import { categoriesOf, emptyCategory, emptyType, listOf, duplicateName, rowsOf } from "../../src/screens/label/mission";
import { attributeOf, categoryOf, missionOf } from "./builders";

const state = attributeOf("state", { name: "State", values: ["Red", "Green"], mutable: true, default: "Red" });
const car = { id: "car", name: "Automobile", attributes: [attributeOf("doors", { kind: "number" })] };
const vehicle = categoryOf("vehicle", {
  name: "Vehicle",
  types: [car],
  attributes: [state],
  joints: { names: ["a", "b"], edges: [["a", "b"]] },
});
const person = { mission: "streets", category: "person", type: null };

describe("names", () => {
  const ontology = new Ontology([
    missionOf("streets", [vehicle], { behaviors: [{ id: "turn", name: "Turns", attributes: ["Left"] }] }),
    missionOf("segmentation", [categoryOf("lane", { name: "Lane", color: "#112233" })]),
  ]);

  it("are the current ones of their ids", () => {
    const object = { mission: "streets", category: "vehicle", type: "car" };
    expect(ontology.fullName(object)).toBe("Vehicle · Automobile");
    expect(ontology.attributes(object).map((attribute) => attribute.name)).toEqual(["State", "doors"]);
    expect(ontology.edges(object)).toEqual([["a", "b"]]);
    expect(ontology.behaviorName("streets", "turn")).toBe("Turns");
  });

  it("fall back on the id, or on a category of another mission", () => {
    expect(ontology.fullName(person)).toBe("person");
    expect(ontology.color({ mission: "gone", category: "lane", type: null })).toBe("#112233");
    expect(ontology.knows("gone", "lane")).toBe(false);
  });
});

describe("values that fit", () => {
  it("are the known ones, and defaults for the rest", () => {
    expect(fitting({ doors: 5, old: "x" }, [state, ...car.attributes])).toEqual({ state: "Red", doors: 5 });
  });
});

describe("editing a mission", () => {
  it("keeps fields that are not edited", () => {
    expect(categoriesOf(rowsOf([vehicle]))).toEqual([vehicle]);
  });

  it("keeps the ids of renamed items, and gives new items an id", () => {
    const rows = rowsOf([vehicle]);
    rows[0]!.types[0]!.name = "Motor car";
    rows[0]!.types.push({ ...emptyType(), name: "car" }, emptyType());
    const [edited] = categoriesOf(rows);
    expect(edited?.types.map((type) => [type.id, type.name])).toEqual([
      ["car", "Motor car"],
      ["car 2", "car"],
    ]);
  });

  it("drops a default whose value was removed", () => {
    const rows = rowsOf([vehicle]);
    rows[0]!.attributes[0]!.values = "Green, Off";
    expect(categoriesOf(rows)[0]?.attributes[0]).toMatchObject({ values: ["Green", "Off"], default: null });
  });

  it("finds duplicate names, also of attributes of a type and its category", () => {
    expect(duplicateName(rowsOf([vehicle]))).toBeUndefined();
    expect(duplicateName([{ ...emptyCategory("#000000"), name: " Bus" }, { ...emptyCategory("#000000"), name: "Bus" }])).toBe("Bus");
    const rows = rowsOf([vehicle]);
    rows[0]!.types[0]!.attributes[0]!.name = "State";
    expect(duplicateName(rows)).toBe("State");
  });

  it("parses lists without duplicates, also with Chinese commas", () => {
    expect(listOf(" Car, Truck,Car,客車、Bus ")).toEqual(["Car", "Truck", "客車", "Bus"]);
  });
});
