import { describe, expect, it } from "vitest";
import type { Geometry } from "../../src/shapes/types";
import { pixelsOf, rimmed } from "../../src/shapes/bitmap";
import { boundsOf, carriedAlong, hits, movedBy, pushedInside } from "../../src/shapes/registry";
import { axes } from "../../src/shapes/rpy";

const square = (x: number, y: number, side: number): [number, number][] => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
];
const cuboid: Geometry = { kind: "cuboid", points: [...square(10, 10, 20), ...square(20, 0, 20)] };

// Each kind with its rectangle, a point on it and one beside it.
type Row = [Geometry, [number, number, number, number], [number, number], [number, number]];
const KINDS: Row[] = [
  [{ kind: "bbox", x1: 10, y1: 10, x2: 50, y2: 30, rotation: 0 }, [10, 10, 50, 30], [30, 20], [60, 20]],
  [{ kind: "bbox", x1: 10, y1: 10, x2: 50, y2: 30, rotation: 90 }, [20, 0, 40, 40], [30, 2], [12, 20]],
  [
    { kind: "polygon", parts: [{ outer: square(0, 0, 40), holes: [square(10, 10, 20)] }, { outer: square(60, 0, 10), holes: [] }] },
    [0, 0, 70, 40],
    [65, 5],
    [20, 20],
  ],
  [{ kind: "polyline", points: [[0, 0], [20, 20], [40, 0]] }, [0, 0, 40, 20], [10, 11], [20, 5]],
  [{ kind: "points", points: [[5, 5], [50, 60]] }, [5, 5, 50, 60], [51, 60], [25, 30]],
  [
    { kind: "skeleton", keypoints: [{ name: "a", x: 0, y: 0, visible: true }, { name: "b", x: 40, y: 0, visible: false }] },
    [0, 0, 40, 0],
    [20, 1],
    [20, 12],
  ],
  [{ kind: "bitmap", x: 5, y: 6, width: 3, height: 2, runs: [1, 4, 1] }, [5, 6, 8, 8], [6, 7], [14, 7]],
  [{ kind: "circle", cx: 20, cy: 20, r: 10 }, [10, 10, 30, 30], [27, 20], [31, 31]],
  [{ kind: "ellipse", cx: 20, cy: 20, rx: 10, ry: 5, rotation: 90 }, [15, 10, 25, 30], [20, 28], [31, 20]],
  [{ kind: "line", x1: 0, y1: 0, x2: 30, y2: 30, dashed: true }, [0, 0, 30, 30], [15, 16], [25, 5]],
  [cuboid, [10, 0, 40, 30], [15, 20], [60, 20]],
  [{ kind: "rpy", x: 9, y: 8, angles: { roll: 0, pitch: 0, yaw: 0 } }, [9, 8, 9, 8], [12, 8], [40, 8]],
];
const named = KINDS.map((row) => [row[0].kind, ...row] as const);

describe("each kind of shape", () => {
  it.each(named)("%s has bounds", (_, shape, rectangle) => {
    const found = boundsOf(shape)!;
    [found.x1, found.y1, found.x2, found.y2].forEach((side, at) => expect(side).toBeCloseTo(rectangle[at]!, 9));
  });

  it.each(named)("%s moves with its bounds and does not change otherwise", (_, shape, [x1, y1]) => {
    const moved = movedBy(shape, 3, -4);
    expect(boundsOf(moved)!.x1).toBeCloseTo(x1 + 3, 9);
    expect(boundsOf(moved)!.y1).toBeCloseTo(y1 - 4, 9);
    expect(JSON.stringify(movedBy(moved, -3, 4))).toBe(JSON.stringify(shape));
  });

  it.each(named)("%s is hit inside and not beside", (_, geometry, __, on, beside) => {
    const edges = [["a", "b"]] as const;
    expect(hits(geometry, { x: on[0], y: on[1] }, 3, edges)).toBe(true);
    expect(hits(geometry, { x: beside[0], y: beside[1] }, 3, edges)).toBe(false);
  });

  it.each(named)("%s is pushed back into the image", (_, shape) => {
    if (shape.kind === "bbox" && shape.rotation !== 0) return;
    const bounds = boundsOf(pushedInside(movedBy(shape, -500, 500), { width: 100, height: 100 }))!;
    expect(bounds.x1).toBeCloseTo(0, 9);
    expect(bounds.y2).toBeCloseTo(100, 9);
  });
});

describe("a kind of a newer service", () => {
  const unknown = { kind: "mesh", faces: [] } as unknown as Geometry;

  it("has no position, is never hit, and is not changed", () => {
    expect(boundsOf(unknown)).toBeNull();
    expect(hits(unknown, { x: 0, y: 0 }, 3, [])).toBe(false);
    expect(movedBy(unknown, 1, 1)).toBe(unknown);
  });
});

describe("points on a box", () => {
  it("keep their relative position when it is moved and enlarged", () => {
    const was: Geometry = { kind: "bbox", x1: 0, y1: 0, x2: 10, y2: 10, rotation: 0 };
    const nose = { name: "nose", x: 5, y: 2, visible: true };
    expect(carriedAlong([nose], was, { ...was, x1: 100, x2: 120 })).toEqual([{ ...nose, x: 110, y: 2 }]);
  });
});

describe("a bitmap", () => {
  it("is decoded by rows, starting with an outside run", () => {
    expect([...pixelsOf({ kind: "bitmap", x: 0, y: 0, width: 3, height: 2, runs: [1, 3, 2] })]).toEqual([0, 1, 1, 1, 0, 0]);
  });

  it("has a rim next to outside pixels", () => {
    const pixels = new Uint8Array(25).fill(1);
    pixels[12] = 0;
    expect([...rimmed(pixels, 5)].join("")).toBe("22222" + "21212" + "22022" + "21212" + "22222");
  });
});

describe("a rotation in space", () => {
  const close = (pair: [number, number], x: number, y: number): void => {
    expect(pair[0]).toBeCloseTo(x, 9);
    expect(pair[1]).toBeCloseTo(y, 9);
  };

  it("faces the viewer without a rotation", () => {
    close(axes({ roll: 0, pitch: 0, yaw: 0 }).front, 0, 0);
    close(axes({ roll: 0, pitch: 0, yaw: 0 }).up, 0, -1);
  });

  it("turns right by yaw, up by pitch, and leans right by roll", () => {
    close(axes({ roll: 0, pitch: 0, yaw: 90 }).front, 1, 0);
    close(axes({ roll: 0, pitch: 90, yaw: 0 }).front, 0, -1);
    close(axes({ roll: 90, pitch: 0, yaw: 0 }).up, 1, 0);
  });
});
