import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CATEGORY_COMMANDS } from "../../src/commands/objects";
import type { Editor } from "../../src/editor/api";
import { Missions } from "../../src/editor/missions.svelte";
import { Layers } from "../../src/render/layers";
import { Scene } from "../../src/render/scene";
import { Viewport } from "../../src/render/viewport";
import { categoryOf, missionOf } from "./builders";

describe("digit keys", () => {
  const mission = missionOf("streets", [categoryOf("car", { name: "Car" }), categoryOf("bus", { name: "Bus" })]);
  const missions = new Missions([mission], mission);
  const enabled = (label_keys: Record<string, string>): string[] => {
    const editor = { missions, project: { settings: { label_keys } } } as unknown as Editor;
    return CATEGORY_COMMANDS.filter((command) => command.enabled?.(editor)).map(({ id }) => id);
  };

  it("select categories by position", () => {
    expect([1, 2, 3].map((key) => missions.categoryOfKey(key, {})?.id)).toEqual(["car", "bus", undefined]);
    expect(enabled({})).toEqual(["category.1", "category.2"]);
  });

  it("select the labels of the project's settings", () => {
    const labels = { 1: "Bus", 9: "Car" };
    expect([1, 2, 9].map((key) => missions.categoryOfKey(key, labels)?.id)).toEqual(["bus", "bus", "car"]);
    expect(enabled(labels)).toEqual(["category.1", "category.2", "category.9"]);
  });

  it("are disabled for labels that the mission lacks", () => {
    expect(enabled({ 2: "Tram" })).toEqual(["category.1"]);
  });
});

describe("enlarged pixels", () => {
  const noop = (): undefined => undefined;
  const context = { setTransform: noop, clearRect: noop, drawImage: noop, beginPath: noop, imageSmoothingEnabled: true };
  const canvas = { getContext: () => context } as unknown as HTMLCanvasElement;

  /** Whether the image is smoothed at this scale. */
  function isSmooth(smoothing: boolean, scale: number): boolean {
    const viewport = Object.assign(new Viewport(), { scale });
    const scene = new Scene(viewport, { width: 64, height: 36 });
    scene.image = { width: 64, height: 36 } as ImageBitmap;
    scene.smoothing = smoothing;
    new Layers([canvas], scene).repaint();
    return context.imageSmoothingEnabled;
  }

  beforeEach(() => {
    vi.stubGlobal("window", { devicePixelRatio: 1 });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("are smoothed at a moderate zoom only", () => {
    expect([0.5, 2, 4].map((scale) => isSmooth(true, scale))).toEqual([true, true, false]);
  });

  it("are never smoothed if the project turns smoothing off", () => {
    expect([0.5, 1, 2].map((scale) => isSmooth(false, scale))).toEqual([true, false, false]);
  });
});
