import { expect, test } from "vitest";
import { dividePictures, splitsOf, testedRows } from "./divide-pictures.ts";

const labels = (count: number) => Int32Array.from({ length: count }, (_, row) => row % 4);

test("few pictures are tested one and all, many by a part that is held out", () => {
  expect(dividePictures(labels(4_988), undefined, 0).kind).toBe("cross-validation");
  const many = dividePictures(labels(5_000), undefined, 0);
  expect(many).toMatchObject({ kind: "held-out", testShare: 0.2 });
  expect(testedRows(many).length).toBe(1_000);
  expect(splitsOf(many).length).toBe(1);
});

test("a test share that is asked for is held out, however few the pictures are", () => {
  const few = dividePictures(labels(48), 0.25, 0);
  expect(few).toMatchObject({ kind: "held-out", testShare: 0.25 });
  expect(testedRows(few).length).toBe(12);
});

test("every picture is tested in one fold, but for those that are alone in their class", () => {
  const own = Int32Array.of(...labels(43), 9);
  const division = dividePictures(own, undefined, 0);
  expect([...testedRows(division)]).toEqual([...Array(43).keys()]);
  const splits = splitsOf(division);
  expect(splits.length).toBe(5);
  expect(splits.flatMap(({ held }) => [...held]).sort((a, b) => a - b)).toEqual([...Array(43).keys()]);
  for (const { kept, held } of splits) {
    expect([...kept, ...held].sort((a, b) => a - b)).toEqual([...Array(44).keys()]);
    expect(new Set(Array.from(held, (row) => own[row])).size).toBe(4);
  }
});
