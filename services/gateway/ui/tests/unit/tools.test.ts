import { beforeEach, describe, expect, it } from "vitest";
import type { Editor, PointerInput } from "../../src/editor/api";
import { Selection } from "../../src/editor/selection.svelte";
import { ToolRunner } from "../../src/editor/toolbox.svelte";
import { EditorViewport } from "../../src/editor/viewport.svelte";
import { draftShape, type RenderShape } from "../../src/render/render-shape";
import { boundsOf, hits } from "../../src/shapes/registry";
import type { Box, Geometry, Point } from "../../src/shapes/types";
import { TOOLS } from "../../src/tools/registry";

type Settings = Editor["project"]["settings"];
const box = (x1: number): Box => ({ kind: "bbox", x1, y1: 10, x2: x1 + 30, y2: 40, rotation: 0 });
const shapeOf = (id: string, geometry: Geometry): RenderShape => ({ ...draftShape(geometry, "#2aa89a", id), id, locked: false });

/** Records the changes by tools of an image of 200 × 100 pixels, at a zoom of 1. */
class Screen {
  visible = [shapeOf("a", box(10)), shapeOf("b", box(100))];
  reshaped: Map<string, Geometry>[] = [];
  created: Geometry[] = [];
  proposed: Geometry[] = [];
  readonly selection = new Selection(() => undefined);
  readonly toolbox: ToolRunner;

  constructor(settings: Partial<Settings> = {}, private readonly hasCategory = true) {
    const at = (point: Point): RenderShape | undefined => this.visible.find((shape) => hits(shape.geometry, point, 3, []));
    const editor = {
      selection: this.selection,
      viewport: new EditorViewport({ width: 200, height: 100 }),
      playback: { pause: () => undefined },
      objects: { visible: this.visible, at },
      edits: { reshape: (shapes: Map<string, Geometry>) => void this.reshaped.push(shapes) },
      project: { settings: { fixed_aspect: null, use_previous_label: false, ...settings } },
      newObjects: {
        create: (geometry: Geometry) => this.hasCategory && this.created.push(geometry) > 0,
        propose: (geometry: Geometry) => void this.proposed.push(geometry),
        colorOf: () => "#2aa89a",
      },
      get toolbox(): ToolRunner {
        return toolbox;
      },
    } as unknown as Editor;
    const toolbox: ToolRunner = new ToolRunner(TOOLS, editor);
    this.toolbox = toolbox;
  }

  private input(x: number, y: number, shift: boolean): PointerInput {
    return { point: { x, y }, screen: { x, y }, shift };
  }

  press(x: number, y: number, shift = false): void {
    this.toolbox.dispatch("pointerDown", this.input(x, y, shift));
  }

  move(x: number, y: number): void {
    this.toolbox.dispatch("pointerMove", this.input(x, y, false));
  }

  click(x: number, y: number, shift = false): void {
    this.press(x, y, shift);
    this.toolbox.dispatch("pointerUp", this.input(x, y, shift));
  }

  drag(from: [number, number], to: [number, number]): void {
    this.press(...from);
    this.move(...to);
    this.toolbox.dispatch("pointerUp", this.input(...to, false));
  }
}

let screen: Screen;
beforeEach(() => {
  screen = new Screen();
});

describe("selecting", () => {
  it("does not move an object on an unsteady click", () => {
    screen.drag([20, 20], [23, 22]);
    expect([...screen.selection.ids]).toEqual(["a"]);
    expect(screen.reshaped).toEqual([]);
  });

  it("moves all selected objects as one operation", () => {
    screen.click(20, 20);
    screen.click(110, 20, true);
    screen.drag([20, 20], [30, 25]);
    expect([...screen.reshaped[0]!].map(([id, shape]) => [id, boundsOf(shape)!.x1])).toEqual([["a", 20], ["b", 110]]);
    expect(screen.reshaped).toHaveLength(1);
  });

  it("cancels a drag with Escape", () => {
    screen.press(20, 20);
    screen.move(60, 20);
    expect(screen.toolbox.overlay.dragged.has("a")).toBe(true);
    expect(screen.toolbox.cancel()).toBe(true);
    expect([screen.toolbox.overlay.dragged.size, screen.reshaped.length]).toEqual([0, 0]);
  });

  it("drags a handle of the only selected object", () => {
    screen.click(20, 20);
    screen.drag([40, 40], [60, 50]);
    expect(boundsOf(screen.reshaped[0]!.get("a")!)).toMatchObject({ x1: 10, x2: 60, y2: 50 });
  });

  it("deselects with a click beside all objects", () => {
    screen.click(20, 20);
    screen.click(70, 90);
    expect(screen.selection.ids.size).toBe(0);
  });
});

describe("the box tool", () => {
  it("proposes a box and returns to selecting", () => {
    screen.toolbox.use("box");
    screen.drag([50, 50], [90, 80]);
    expect(screen.proposed).toEqual([{ kind: "bbox", x1: 50, y1: 50, x2: 90, y2: 80, rotation: 0 }]);
    expect(screen.toolbox.tool.id).toBe("select");
  });

  it("keeps the aspect ratio of the project's settings", () => {
    screen = new Screen({ fixed_aspect: "4:3" });
    screen.toolbox.use("box");
    screen.drag([50, 50], [90, 60]);
    expect(screen.proposed).toEqual([{ kind: "bbox", x1: 50, y1: 50, x2: 90, y2: 80, rotation: 0 }]);
  });

  it("creates the object at once with the previous label if the project is set up so", () => {
    screen = new Screen({ use_previous_label: true });
    screen.toolbox.use("box");
    screen.drag([50, 50], [90, 80]);
    expect([screen.created.length, screen.proposed.length]).toEqual([1, 0]);
  });

  it("proposes the box if there is no category to use", () => {
    screen = new Screen({ use_previous_label: true }, false);
    screen.toolbox.use("box");
    screen.drag([50, 50], [90, 80]);
    expect([screen.created.length, screen.proposed.length]).toEqual([0, 1]);
  });

  it("ignores a click", () => {
    screen.toolbox.use("box");
    screen.click(50, 50);
    expect([screen.proposed.length, screen.toolbox.tool.id]).toEqual([0, "box"]);
  });
});

describe("the polygon tool", () => {
  beforeEach(() => {
    screen.toolbox.use("polygon");
    for (const [x, y] of [[50, 50], [90, 50], [90, 90]] as const) screen.click(x, y);
  });

  it("does not start another ring with the second click of a double click", () => {
    screen.click(50, 50);
    screen.click(50, 50);
    expect(screen.created).toHaveLength(1);
    expect(screen.toolbox.context).toBe("editor");
  });

  it("keeps points within the image", () => {
    screen.click(40, 300);
    screen.toolbox.key("finish");
    expect(boundsOf(screen.created[0]!)).toEqual({ x1: 40, y1: 50, x2: 90, y2: 100 });
  });

  it("shows the next point with the pointer", () => {
    screen.move(60, 80);
    const [shape] = screen.toolbox.overlay.shapes;
    expect(shape?.geometry).toMatchObject({ parts: [{ outer: [[50, 50], [90, 50], [90, 90], [60, 80]] }] });
    expect(screen.toolbox.overlay.dots).toHaveLength(3);
  });
});
