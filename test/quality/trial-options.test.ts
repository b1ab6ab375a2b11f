import { describe, expect, test } from "vitest";
import { parseTrial } from "../../quality/trial-options.ts";

const parse = (text: string) => parseTrial(text.split(" "), ["emoji", "fashion-mnist"]);

describe("the options of a trial", () => {
  test("are a set, epochs, a seed, and settings as JSON or text", () => {
    const given =
      "--set emoji --epochs 8.5 --seed 2 --set-setting temperature=0.2 --set-setting cropScale=[0.5,1] " +
      "--training optimizer=muon --training clip=null --batch-size 32";
    expect(parse(given)).toEqual({
      ...{ set: "emoji", method: "simclr", epochs: 8.5, seed: 2, threads: 1, batchSize: 32 },
      settings: { temperature: 0.2, cropScale: [0.5, 1] },
      training: { optimizer: "muon", clip: null },
      fashionMnist: null,
    });
  });

  test("do not leak from one call to the next", () => {
    parse("--set emoji --epochs 1 --set-setting blur=true");
    expect(parse("--set emoji --epochs 1").settings).toEqual({});
  });

  test.each([
    ["--epochs 3", /--set/],
    ["--set emoji", /--epochs/],
    ["--set cats --epochs 1", /cats/],
    ["--set emoji --epochs none", /above 0/],
    ["--set emoji --epochs 1 --training optimizer", /name.*value/],
    ["--set emoji --epochs 1 --treads 2", /treads/],
    ["--set emoji --epochs 1 --seed x", /whole number/],
  ])("refuses %s", (words, message) => {
    expect(() => parse(words)).toThrow(message);
  });
});
