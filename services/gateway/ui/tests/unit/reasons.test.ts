import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { problemOf } from "../../src/api/problem";
import { i18n } from "../../src/i18n/index.svelte";
import { fillIn, sentenceOf } from "../../src/i18n/reasons";

type Area = Record<string, string>;

const en = import.meta.glob<Area>("../../src/i18n/errors/en/*.json", { eager: true, import: "default" });
const zhTW = import.meta.glob<Area>("../../src/i18n/errors/zh-TW/*.json", { eager: true, import: "default" });

const byName = (areas: Record<string, Area>): Record<string, Area> =>
  Object.fromEntries(Object.entries(areas).map(([path, sentences]) => [path.split("/").at(-1)!, sentences]));
const codesOf = (areas: Record<string, Area>): string[] => Object.values(areas).flatMap(Object.keys);
const paramsOf = (sentence: string): string[] => [...new Set(sentence.match(/\{\w+\}/g) ?? [])].sort();
const shape = (areas: Record<string, Area>): Record<string, Record<string, string[]>> =>
  Object.fromEntries(
    Object.entries(byName(areas)).map(([name, area]) => [
      name,
      Object.fromEntries(Object.entries(area).map(([code, sentence]) => [code, paramsOf(sentence)])),
    ]),
  );

describe("error codes", () => {
  it("have a Chinese sentence in the same area with the same parameters", () => {
    expect(shape(zhTW)).toEqual(shape(en));
  });

  it("are in one area only", () => {
    const codes = codesOf(en);

    expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
  });
});

describe("the sentence of a reason", () => {
  beforeEach(() => {
    vi.stubGlobal("localStorage", { setItem: () => undefined });
    vi.stubGlobal("document", { documentElement: {} });
  });
  afterEach(() => {
    i18n.locale = "en";
    vi.unstubAllGlobals();
  });

  it("is the message of the service for a code without a template", () => {
    expect(sentenceOf({ code: "from_the_future", message: "Not yet." })).toBe("Not yet.");
    expect(sentenceOf({ detail: "No code at all." })).toBe("No code at all.");
    expect(sentenceOf("As text.")).toBe("As text.");
    expect(sentenceOf(null)).toBe("");
  });

  it("belongs to a problem and to each of its fields", () => {
    const problem = problemOf(422, {
      title: "Invalid request",
      detail: "Two fields are invalid.",
      errors: [{ field: "target.bucket", message: "No such bucket." }],
    });

    expect(problem.sentence).toBe("Two fields are invalid.");
    expect(problem.field("bucket")).toBe("No such bucket.");
    expect(problem.field("region")).toBeUndefined();
  });

  it("has its parameters filled in, also nested reasons and lists", () => {
    i18n.locale = "zh-TW";

    expect(fillIn("最多 {limit} 個點（{kinds}）。", { limit: 1500, kinds: ["a", "b"] })).toBe("最多 1,500 個點（a、b）。");
    expect(fillIn("{host}：{why}", { host: "10.0.0.1", why: { message: "Refused." } })).toBe("10.0.0.1：Refused.");
  });
});
