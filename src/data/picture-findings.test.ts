import { expect, test } from "vitest";
import {
  type ExaminedPicture,
  findInPictures,
  isFindings,
  joinFindings,
  pixelSpan,
} from "./picture-findings.ts";

const picture = (name: string, more: Partial<ExaminedPicture> = {}): ExaminedPicture => ({
  name,
  hash: name,
  span: 200,
  ...more,
});

test("pictures are counted by what they are, with the first names", () => {
  const found = findInPictures([
    picture("whole"),
    picture("flat", { span: 2 }),
    picture("dim", { span: 15 }),
    picture("copy", { hash: "whole" }),
    picture("copy of flat", { hash: "flat", span: 2 }),
    picture("white", { backdrop: "white", cropped: true, scaling: "fewer-bits" }),
    picture("black", { backdrop: "black", scaling: "own-range" }),
    picture("16", { span: 16 }),
  ]);
  expect(found).toEqual({
    oneColour: { count: 2, names: ["flat", "copy of flat"] },
    narrow: { count: 1, names: ["dim"] },
    repeated: { count: 2, names: ["copy", "copy of flat"] },
    poor: { count: 4, names: ["flat", "dim", "copy"] },
    onWhite: { count: 1, names: ["white"] },
    onBlack: { count: 1, names: ["black"] },
    cropped: { count: 1, names: ["white"] },
    fewerBits: { count: 1, names: ["white"] },
    ownRange: { count: 1, names: ["black"] },
  });
  expect(isFindings(JSON.parse(JSON.stringify(found)))).toBe(true);
  expect(findInPictures([picture("whole")])).toEqual({});
});

test("parts are counted together, with the first names and their prefixes", () => {
  const flat = (...names: string[]) => findInPictures(names.map((name) => picture(name, { span: 0 })));
  const parts = [
    { prefix: "train/", findings: flat("a", "b") },
    { prefix: "val/", findings: { ...flat("c", "d"), cropped: { count: 1, names: ["c"] } } },
    { prefix: "test/", findings: {} },
  ];
  const four = { count: 4, names: ["train/a", "train/b", "val/c"] };
  expect(joinFindings(parts)).toEqual({
    oneColour: four,
    poor: four,
    cropped: { count: 1, names: ["val/c"] },
  });
});

test("the span is that of the channel that differs most, in either layout", () => {
  expect(pixelSpan(Uint8Array.of(10, 0, 7, 12, 0, 90), 3, "interleaved")).toBe(83);
  expect(pixelSpan(Uint8Array.of(10, 12, 0, 0, 7, 90), 3, "planar")).toBe(83);
  expect(pixelSpan(Uint8Array.of(200, 10, 200, 10), 2, "interleaved")).toBe(0);
});
