import { describe, expect, test } from "vitest";
import { findMethod } from "../../methods/index.ts";
import type { RunConfig } from "../../train/run-config.ts";
import { referenceSeconds } from "../../train/step-cost.ts";
import type { Choices } from "./configure.ts";
import { fitMinutes } from "./fit-minutes.ts";

const SURVEY = { pictures: 900, side: 300 };

/** A machine that is `speed` times as fast as one core of the reference machine. */
async function planFor(minutes: number, choices: Choices = {}, speed = 2, survey = SURVEY) {
  const timed: RunConfig[] = [];
  const chosen = await fitMinutes(choices, {
    survey,
    method: findMethod(choices.method ?? "simclr"),
    secondsLeft: () => 60 * minutes,
    async secondsPerStep(config) {
      timed.push(config);
      return referenceSeconds(config) / speed;
    },
  });
  const { imageSize, epochs, backboneOptions } = chosen;
  return { imageSize, epochs: epochs!, width: backboneOptions?.widthMultiplier, timed };
}

describe("fitMinutes", () => {
  test("gives more epochs to more minutes of the same network", async () => {
    const [few, more] = [await planFor(15), await planFor(25)];
    expect(more).toMatchObject({ imageSize: few.imageSize, width: few.width });
    expect(more.epochs / few.epochs).toBeCloseTo(25 / 15, 0);
  });

  test("takes smaller pictures and a narrower network where the time is short", async () => {
    const [much, little, least] = [await planFor(30), await planFor(2.5), await planFor(0.25)];
    expect(little.imageSize!).toBeLessThan(much.imageSize!);
    expect(least.imageSize! * least.width!).toBeLessThan(little.imageSize! * little.width!);
  });

  test("takes larger ones where there is time, or a fast machine", async () => {
    const [usual, long, fast] = [await planFor(30), await planFor(600), await planFor(30, {}, 60)];
    for (const { imageSize, width } of [long, fast])
      expect(imageSize! * width!).toBeGreaterThan(usual.imageSize! * usual.width!);
  });

  test("changes nothing that was chosen", async () => {
    const all = { imageSize: 40, epochs: 7, backboneOptions: { widthMultiplier: 0.75 } };
    expect(await planFor(1, all)).toMatchObject({ imageSize: 40, epochs: 7, width: 0.75 });
    expect(await planFor(1, { epochs: 30 })).toMatchObject({ epochs: 30, imageSize: 48 });
    expect(await planFor(1000, { imageSize: 48 })).toMatchObject({ imageSize: 48, width: 1 });
    expect((await planFor(1, { backboneOptions: { widthMultiplier: 1 } })).width).toBe(1);
  });

  test("times what it starts from and what it ends with, and nothing else", async () => {
    expect((await planFor(20)).timed.length).toBe(1);
    expect((await planFor(1)).timed.length).toBe(2);
  });

  test("does an epoch however short the time is, or a hundred steps of a longer one", async () => {
    expect((await planFor(0.01)).epochs).toBe(1);
    const many = { pictures: 200_000, side: 300 };
    // 1,562 steps an epoch.
    expect((await planFor(0.01, {}, 2, many)).epochs).toBe(0.07);
  });
});
