import { describe, expect, it } from "vitest";
import { endOfSegment, secondsOf, segmentOf, wanted, type ClipIndex } from "../../src/frames/clip-index";

const index: ClipIndex = {
  media_id: "m",
  clip: 1,
  rendition: "proxy",
  codec: "avc1.64001f",
  description: null,
  width: 64,
  height: 48,
  rotation: 0,
  first: 1800,
  count: 10,
  segments: [
    { first: 1798, count: 6, offset: 0, size: 60, sample: 0, id: "1-proxy-0" },
    { first: 1804, count: 6, offset: 60, size: 60, sample: 6, id: "1-proxy-1" },
  ],
  sample_size: Array.from({ length: 12 }, () => 10),
  sample_frame: Array.from({ length: 12 }, (_, at) => 1798 + at),
  time_base: [1, 30_000],
  pts: Array.from({ length: 10 }, (_, at) => 1_800_000 + at * 1001),
};

describe("clip index", () => {
  it.each([
    [1800, 0],
    [1803, 0],
    [1804, 1],
    [1809, 1],
    [1810, -1],
    [1700, -1],
  ])("frame %d is in segment %d", (frame, place) => expect(segmentOf(index, frame)).toBe(place));

  it("finds the end of a segment", () => {
    expect([endOfSegment(index, 0), endOfSegment(index, 1)]).toEqual([6, 12]);
  });

  it("reads the time from the timestamps", () => {
    expect(secondsOf(index, 1801)).toBeCloseTo(60 + 1001 / 30_000, 9);
  });
});

describe("frames to decode", () => {
  it("start with the current one and continue in the direction of playback", () => {
    expect(wanted(100, -1, 3, 1, 1000)).toEqual([100, 99, 101, 98, 97]);
  });

  it("stay within the medium", () => {
    expect(wanted(0, 1, 2, 2, 1)).toEqual([0, 1]);
  });
});
