import { describe, expect, it } from "vitest";
import { MESSAGES, type Key } from "../../src/i18n/index.svelte";
import { short } from "../../src/render/tags";
import { density } from "../../src/panels/timeline/density";
import type { ObjectState } from "../../src/api/labels";

const { en, "zh-TW": zhTW } = MESSAGES;

describe("texts", () => {
  it("have the same keys in every language", () => {
    expect(Object.keys(zhTW).sort()).toEqual(Object.keys(en).sort());
  });

  it("use the same parameters in every language", () => {
    const parameters = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    for (const [key, text] of Object.entries(en))
      expect([key, parameters(zhTW[key as Key])]).toEqual([key, parameters(text)]);
  });
});

describe("density", () => {
  it("counts the objects of each part of a clip", () => {
    const object = (first: number, until: number): ObjectState =>
      ({
        keyframes: [
          { frame: first, outside: false },
          { frame: until, outside: true },
        ],
      }) as ObjectState;
    expect([...density([object(0, 5), object(3, 8), object(100, 120)], 0, 9, 5)]).toEqual([1, 2, 2, 1, 0]);
  });
});

describe("names on the image", () => {
  it("are shortened between characters", () => {
    expect(short("Vehicle")).toBe("Vehicle");
    expect(short("Construction vehicle with a crane")).toBe("Construction vehicle wi…");
    expect([...short("🚗".repeat(30))]).toHaveLength(24);
  });
});
