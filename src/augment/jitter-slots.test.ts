import { describe, expect, test } from "vitest";
import { jitterSlots } from "./jitter-slots.ts";

const IDENTITY = [1, 0, 0];

describe("the slots of a jitter", () => {
  test("what comes before the hue shift ends at it, what comes after starts at it", () => {
    const { slots } = jitterSlots([
      { part: "brightness", value: 0.7 },
      { part: "contrast", value: 1.5 },
      { part: "hue", value: 0.05 },
      { part: "saturation", value: 0.25 },
    ]);
    expect(slots).toEqual([IDENTITY, [0.7, 0, 0], [1.5, 0, -0.5], [0.25, 0.75, 0], IDENTITY, IDENTITY]);
  });

  test("without a hue shift all come before its place", () => {
    const { slots, hueShift } = jitterSlots([
      { part: "saturation", value: 1.5 },
      { part: "brightness", value: 0.5 },
    ]);
    expect(slots).toEqual([IDENTITY, [1.5, -0.5, 0], [0.5, 0, 0], IDENTITY, IDENTITY, IDENTITY]);
    expect(hueShift).toBe(0);
  });

  test("no jitter is six identities", () => {
    const { slots, turns, hueShift } = jitterSlots([]);
    expect(slots).toEqual(new Array(6).fill(IDENTITY));
    expect({ turns, hueShift }).toEqual({ turns: [0, 0], hueShift: 0 });
  });

  test.each([
    [0.1, 0.6, 1, [0, 0]],
    [-0.15, 0.9, -1, [0, 0]],
    [0.3, 0.2, -1, [1, 0]], // a third of a turn, then back
    [-0.3, 0.2, 1, [0, 1]],
    [0.5, 1, -1, [0, 1]], // two thirds, then back by a sixth
    [-0.5, 1, -1, [0, 1]], // the same half turn
  ])("a hue shift of %f turns is thirds of a turn and at most a sixth more", (hue, shift, sign, turns) => {
    const slots = jitterSlots([
      { part: "brightness", value: 1 },
      { part: "hue", value: hue },
    ]);
    expect(slots.hueShift).toBeCloseTo(shift, 12);
    expect(slots.hueSign).toBe(sign);
    expect(slots.turns).toEqual(turns);
    expect(slots.slots[2]![0]).toBe(turns.includes(1) ? 0 : 1);
  });
});
