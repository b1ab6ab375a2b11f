import { describe, expect, test } from "vitest";
import { randomStream } from "../random/random-stream.ts";
import { hasFallen, standsAt, staysAbove } from "./loss-curve.ts";

describe("standsAt", () => {
  test("asks the last two epochs to be within a thousandth of the value, of 1 for small ones", () => {
    expect(standsAt([9, 8.3178, 8.31], 8.3178)).toBe(true);
    expect(standsAt([8.3178, 8.33, 8.3178], 8.3178)).toBe(false);
    expect(standsAt([0.0009], 0)).toBe(true);
    expect(standsAt([0.0011], 0)).toBe(false);
  });
});

describe("hasFallen", () => {
  test("sees a steady fall, a sudden one, and one that turned round later", () => {
    expect(hasFallen([3, 2.95, 2.94, 2.93])).toBe(true);
    expect(hasFallen([8, 5, 5, 5])).toBe(true);
    expect(hasFallen([5.2, 4.8, 4.9, 5.1, 5.3])).toBe(true);
    expect(hasFallen([-0.3, -0.6, -0.7, -0.8])).toBe(true);
  });

  test("asks no more of a fall that goes on with every epoch than that it is half a per cent", () => {
    expect(hasFallen([5.232, 5.208, 5.103])).toBe(true);
    expect(hasFallen([5.232, 5.24, 5.103])).toBe(false);
  });

  test("lets a loss pass over a hill on its way down, and no loss that has been lower", () => {
    // The second to the sixth epoch of a healthy run of iBOT.
    expect(hasFallen([6.2489, 6.5103, 6.2033, 6.0924])).toBe(true);
    expect(hasFallen([6.2489, 6.5103, 6.2033, 6.0924, 5.974])).toBe(true);
    expect(hasFallen([6.2489, 6.0503, 6.5103, 6.2033, 6.0924])).toBe(false);
  });

  test("sees none in a level, a rise, or less than half a per cent", () => {
    expect(hasFallen([8, 8, 8, 8])).toBe(false);
    expect(hasFallen([2, 2.5, 3, 4])).toBe(false);
    expect(hasFallen([8, 7.99, 7.98, 7.97])).toBe(false);
    expect(hasFallen([8, 7.98, 7.95, 7.93])).toBe(true);
  });

  test("takes noise about a level for a fall in less than a third of runs of six epochs", () => {
    const falls = Array.from({ length: 200 }, (_, run) => {
      const random = randomStream(0, "loss-course", run, 0);
      return hasFallen(Array.from({ length: 6 }, () => random.uniform(2.7, 3.3)));
    });
    expect(falls.filter(Boolean).length).toBeLessThan(67);
  });

  test("says nothing against one or two epochs", () => {
    expect(hasFallen([5])).toBe(true);
    expect(hasFallen([5, 5])).toBe(true);
  });

  test("does not depend on the unit of the loss", () => {
    const losses = [3.24, 2.74, 2.98, 2.81, 3.1];
    expect(hasFallen(losses.map((loss) => 1000 * loss))).toBe(hasFallen(losses));
  });
});

describe("staysAbove", () => {
  test("is true above or at the level, unless one epoch was below it", () => {
    expect(staysAbove([8, 7.2, 7.3, 6.93], 6.9315)).toBe(true);
    expect(staysAbove([8, 6.5, 7.3, 7.2], 6.9315)).toBe(false);
  });

  test("lets a loss come down in peace", () => {
    expect(staysAbove([8, 7.8, 7.6, 7.3], 6.9315)).toBe(false);
    expect(staysAbove([8, 7.3, 7.3, 7.3], 6.9315)).toBe(true);
    expect(staysAbove([8, 7.3, 7.3], 6.9315)).toBe(true);
  });
});
