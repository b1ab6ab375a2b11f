import { describe, expect, test } from "vitest";
import { findMethod, METHODS } from "../../methods/index.ts";
import { stepsPerEpoch } from "../../train/run-config.ts";
import { referenceSeconds } from "../../train/step-cost.ts";
import { chooseBySize } from "./choose-by-size.ts";
import { type Choices, configure } from "./configure.ts";

function choose(pictures: number, side: number | null = 400, choices: Choices = {}) {
  return chooseBySize(choices, { pictures, side }, findMethod(choices.method ?? "simclr"));
}

/** Minutes of steps on the two cores of the reference machine. */
function minutesOf(choices: Choices, pictures: number): number {
  const config = configure(choices, { path: "", fingerprint: "", pictures });
  return (referenceSeconds(config) * stepsPerEpoch(config) * choices.epochs!) / 60 / 2;
}

describe("chooseBySize", () => {
  test.each([100, 430, 972, 2000])(
    "fits a folder of %i photographs into 20 to 30 minutes on two slow cores",
    (n) => {
      const minutes = minutesOf(choose(n), n);
      expect(minutes).toBeGreaterThan(18);
      expect(minutes).toBeLessThan(30);
    },
  );

  test("gives many pictures more time, and fewer epochs, but not below ten", () => {
    const [few, more, many] = [2000, 20_000, 400_000].map((n) => choose(n).epochs!);
    expect(more!).toBeLessThan(few!);
    expect(many).toBe(10);
    expect(minutesOf(choose(20_000), 20_000)).toBeLessThan(80);
  });

  test("gives few pictures more epochs, but no endless ones", () => {
    expect(choose(40).epochs).toBe(800);
    expect(choose(300).epochs!).toBeGreaterThan(choose(1500).epochs!);
  });

  test("does not enlarge pictures", () => {
    expect(choose(60_000, 28)).toMatchObject({ imageSize: 28 });
    expect(choose(5000, 41).imageSize).toBe(40);
    for (const side of [16, 20, 33, 50, 70, 100, 1000])
      expect(choose(1000, side).imageSize!).toBeLessThanOrEqual(side);
  });

  test("keeps what was chosen", () => {
    const asked = { imageSize: 32, epochs: 3, backboneOptions: { widthMultiplier: 0.75 } };
    expect(choose(1000, 400, asked)).toMatchObject(asked);
    expect(choose(1000, 400, { epochs: 3 })).toEqual({ ...choose(1000), epochs: 3 });
  });

  test.each(METHODS.map(({ name }) => name))("chooses sizes that %s can be trained with", (method) => {
    for (const [pictures, side] of [
      [60, 500],
      [5000, 30],
    ] as const) {
      const choices = choose(pictures, side, { method });
      expect(configure(choices, { path: "", fingerprint: "", pictures }).epochs).toBe(choices.epochs);
    }
  });
});
