import { describe, expect, it } from "vitest";
import { editDistance, nearestWord } from "./nearest-word.ts";

describe("editDistance", () => {
  it.each([
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["simclr", "smiclr", 1],
    ["dino", "dino", 0],
    ["ca", "abc", 3],
  ])("from %j to %j is %i", (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
    expect(editDistance(b, a)).toBe(edits);
  });
});

describe("nearestWord", () => {
  it("finds the candidate with the fewest edits, whatever the case", () => {
    expect(nearestWord("Resnet50x", ["resnet18", "resnet50", "vit_tiny"])).toBe("resnet50");
  });

  it("suggests nothing if every candidate is another word", () => {
    expect(nearestWord("barlow", ["simclr", "dino"])).toBeNull();
  });
});
