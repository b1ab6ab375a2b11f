import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { parseOptions } from "../../quality/options.ts";

const KNOWN = { methods: ["simclr", "dino", "pixels"], sets: ["emoji", "fashion-mnist"] };
const parse = (...words: string[]) => parseOptions(words, KNOWN);

test("without flags everything is run for four minutes, and results are in the repository", () => {
  expect(parse()).toMatchObject({
    ...{ methods: null, sets: null, seeds: null, minutes: 4, fashionMnist: null, python: null },
    ...{
      results: "quality/results",
      report: "docs/quality.md",
      force: false,
      reportOnly: false,
      bounds: false,
    },
  });
});

test("lists are separated by commas", () => {
  expect(parse("--methods", "simclr,dino", "--sets", "emoji", "--seeds", "2,0")).toMatchObject({
    ...{ methods: ["simclr", "dino"], sets: ["emoji"], seeds: [2, 0] },
  });
});

test("paths and switches are taken as they are", () => {
  const words = ["--fashion-mnist", "idx", "--python", "py", "--minutes", "0.5", "--force", "--report-only"];
  expect(parse(...words)).toMatchObject({
    ...{ fashionMnist: "idx", python: "py", minutes: 0.5, force: true, reportOnly: true },
  });
});

test("the bounds on mutual information are asked for by a switch", () => {
  expect(parse("--bounds", "--seeds", "0")).toMatchObject({ bounds: true, seeds: [0] });
});

test.each([
  [["--methods", "simclear"], /simclear is not one of simclr, dino, pixels/],
  [["--sets", "mnist"], /mnist is not one of emoji, fashion-mnist/],
  [["--seeds", "0,-1"], /whole numbers, 0 or more/],
  [["--seeds", "0,"], /whole numbers, 0 or more/],
  [["--minutes", "0"], /above 0/],
  [["--threads", "1.5"], /whole number above 0/],
  [["--epoch", "3"], /unknown option '--epoch'/],
  [["simclr"], /too many arguments/],
])("%s is refused", (words, message) => {
  expect(() => parse(...words)).toThrow(CommanderError);
  expect(() => parse(...words)).toThrow(message);
});
