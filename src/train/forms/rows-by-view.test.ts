import { describe, expect, it } from "vitest";
import { RowsByView } from "./rows-by-view.ts";

/** Two views of four pictures: rows say view and picture. */
const row = (view: number, picture: number) => 10 * view + picture;
const WHOLE = [0, 1].flatMap((view) => [0, 1, 2, 3].map((picture) => row(view, picture)));
const rowsOf = (pictures: readonly number[]) => [0, 1].flatMap((view) => pictures.map((p) => row(view, p)));

const SIZES = { partSize: 2, batchSize: 4 };

describe.each([
  ["float32", Float32Array],
  ["int32", Int32Array],
  ["uint8", Uint8Array],
] as const)("rows of %s", (dtype, Typed) => {
  const described = [{ name: "x", shape: [4, 1], dtype }];

  it("are put together view by view, in their type", () => {
    const rows = new RowsByView(described, SIZES);
    rows.put({ x: Typed.from(rowsOf([2, 3])) }, 2, 2);
    rows.put({ x: Typed.from(rowsOf([0, 1])) }, 0, 2);
    expect(rows.whole.x).toEqual(Typed.from(WHOLE));
  });

  it("are given in parts of any size", () => {
    const rows = new RowsByView(described, SIZES, { x: Typed.from(WHOLE) });
    expect(rows.partOf(1, 2).x).toEqual(Typed.from(rowsOf([1, 2])));
    expect(rows.partOf(0, 1).x).toEqual(Typed.from(rowsOf([0])));
  });
});
