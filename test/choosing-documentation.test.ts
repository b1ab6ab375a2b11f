import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findMethod } from "../src/methods/index.ts";
import { chooseBySize } from "../src/runs/configure/choose-by-size.ts";
import { configure } from "../src/runs/configure/configure.ts";
import { stepsOf } from "../src/train/run-config.ts";
import { referenceSeconds } from "../src/train/step-cost.ts";

const WIDTHS: Readonly<Record<string, number>> = {
  resnet18: 1,
  "resnet18, half width": 0.5,
  "resnet18, a quarter": 0.25,
};

/** The speed of two cores, in units of one. */
const CORES = 1.85;

const page = readFileSync("docs/choosing.md", "utf8");
const rows = [...page.matchAll(/^\| [\d,]+ \|.*\|$/gm)].map(([line]) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim()),
);
const number = (cell: string | undefined) => Number(cell!.replaceAll(",", ""));

test("docs/choosing.md has a table of defaults", () => {
  expect(rows.length).toBeGreaterThan(5);
});

test.each(rows)(
  "its row for %s pictures of %s pixels has the choices of a run",
  (pictures, side, ...cells) => {
    const [encoder, imageSize, epochs, steps, minutes] = cells;
    const survey = { pictures: number(pictures), side: number(side) };
    const choices = chooseBySize({}, survey, findMethod("simclr"));
    expect(choices).toMatchObject({
      imageSize: number(imageSize),
      epochs: number(epochs),
      backboneOptions: { widthMultiplier: WIDTHS[encoder!] },
    });
    const config = configure(choices, { path: "", fingerprint: "", pictures: survey.pictures });
    expect(stepsOf(config)).toBe(number(steps));
    const seconds = (referenceSeconds(config) * stepsOf(config)) / CORES;
    expect(Math.round(seconds / 60)).toBe(number(minutes));
  },
);
