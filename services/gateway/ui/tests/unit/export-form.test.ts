import { beforeEach, describe, expect, it } from "vitest";
import { Problem } from "../../src/api/problem";
import type { Medium } from "../../src/api/types";
import type { Mission } from "../../src/api/types";
import { ExportForm, concernsWholeForm, concernsOptions } from "../../src/screens/project/exports/export-form.svelte";
import { partsOf } from "../../src/screens/project/versions/split-form.svelte";

const missionOf = (...names: string[]): Mission =>
  ({ categories: names.map((name) => ({ id: name.toLowerCase(), name, color: "#123456" })) }) as Mission;
const media = [{ id: "m1" }, { id: "m2" }] as Medium[];

describe("an export form", () => {
  let form: ExportForm;

  beforeEach(() => {
    form = new ExportForm();
    form.setChoices([missionOf("Car", "Tree"), missionOf("Car")], media);
    form.name = "Night2024";
  });

  it("requests everything while everything is selected", () => {
    const { classes, annotation_types, media, sources, split, target, version } = form.request;
    expect([classes, annotation_types, media, sources, split, target, version]).toEqual(Array(7).fill(null));
    expect([form.valid, form.changed]).toEqual([true, 0]);
  });

  it("requests the selected options", () => {
    form.classes = new Set(["tree"]);
    form.sources = new Set(["manual"]);
    form.labeledOnly = "frames";
    form.split.on = true;
    form.split.shares = { train: 3, val: null, test: 1 };
    expect(form.request).toMatchObject({
      classes: ["tree"],
      sources: ["manual"],
      labeled_only: "frames",
      split: { train: 3, val: 0, test: 1, seed: 0 },
    });
    expect(form.changed).toBe(3);
  });

  it("is not sent with invalid options", () => {
    for (const spoil of [
      () => (form.name = "夜"),
      () => (form.step = 1.5),
      () => (form.step = null),
      () => (form.files = new Set()),
      () => (form.sources = new Set()),
      () => (form.useBucket = true),
      () => Object.assign(form.split, { on: true, seed: -1 }),
      () => Object.assign(form.split, { on: true, shares: { train: 0, val: 0, test: null } }),
    ]) {
      form = new ExportForm();
      form.setChoices([missionOf("Car")], media);
      form.name = "Night2024";
      spoil();
      expect([spoil.toString(), form.valid]).toEqual([spoil.toString(), false]);
    }
  });

  it("clears the keys of the bucket only", () => {
    Object.assign(form.target, { endpoint: "s3.example.org", bucket: "b", access_key: "a", secret_key: "s" });
    form.clearKeys();
    expect(form.target).toMatchObject({ endpoint: "s3.example.org", bucket: "b", access_key: "", secret_key: "" });
  });
});

describe("a refusal", () => {
  const about = (field: string): Problem => new Problem(422, "Invalid request", { detail: "No." }, [{ field, message: "No." }]);

  it("is shown at its field, or above the form if there is none", () => {
    expect(["target.bucket", "split.seed", "name"].map((name) => concernsWholeForm(about(name)))).toEqual([false, false, false]);
    expect([concernsWholeForm(about("body")), concernsWholeForm(new Problem(503, "Away"))]).toEqual([true, true]);
    expect(["split.train", "frame_step", "target.bucket"].map((name) => concernsOptions(about(name)))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("a split", () => {
  it("is shown as shares, without empty subsets", () => {
    expect(partsOf({ train: 6, val: 2, test: 0, seed: 0 })).toEqual([
      ["train", 0.75],
      ["val", 0.25],
    ]);
  });
});
