import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet";
import { describe, expect, test } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { type FeatureRows, featuresParquet, featuresParquetParts } from "./features-parquet.ts";

const matrix = (rows: number, cols: number) => ({ rows, cols, data: deterministic("features", rows * cols) });
const rowsOf = (rows: number): FeatureRows => ({
  names: Array.from({ length: rows }, (_, row) => `b/ö ${row}.png`),
  labels: Int32Array.from({ length: rows }, (_, row) => row % 2),
  classNames: ["äpfel", "pears"],
});

describe("featuresParquet", () => {
  // Vectors of one number, rows that fill several pages (1 MB) and several row groups (16 MB), and a row
  // above a page.
  test.each([
    [5, 3],
    [4, 1],
    [1, 1],
    [2_300, 128],
    [9_001, 512],
    [3, 300_000],
  ])("holds %i rows of %i numbers as lists of float32", async (rows, cols) => {
    const [features, about] = [matrix(rows, cols), rowsOf(rows)];
    const { buffer: file } = featuresParquet(features, about);
    const read = await parquetReadObjects({ file });
    expect(read.length).toBe(rows);
    const some = [0, 1, Math.floor(rows / 2), rows - 1].filter((row) => row < rows);
    for (const row of some) {
      expect(read[row]).toEqual({
        name: about.names[row],
        label: row % 2,
        class: about.classNames![row % 2],
        features: Array.from(features.data.subarray(row * cols, (row + 1) * cols)),
      });
    }
    const flat = read.flatMap((row) => [(row.features as number[])[0], (row.features as number[])[cols - 1]]);
    const ends = read.flatMap((_, row) => [features.data[row * cols], features.data[(row + 1) * cols - 1]]);
    expect(flat).toEqual(ends);
  });

  test("says in its schema that the features are a list of float, as Arrow does", () => {
    const { buffer } = featuresParquet(matrix(5, 3), rowsOf(5));
    const { children } = parquetSchema(parquetMetadata(buffer));
    expect(children.map(({ element: { name, type, converted_type: kind } }) => [name, type, kind])).toEqual([
      ["name", "BYTE_ARRAY", "UTF8"],
      ["label", "INT32", undefined],
      ["class", "BYTE_ARRAY", "UTF8"],
      ["features", undefined, "LIST"],
    ]);
    const [list] = children[3]!.children;
    expect(list!.element).toMatchObject({ name: "list", repetition_type: "REPEATED" });
    expect(list!.children.map(({ element }) => [element.name, element.type])).toEqual([["element", "FLOAT"]]);
  });

  test("is about as large as the numbers, and made of parts that copy none of them", () => {
    const [features, about] = [matrix(20_000, 256), rowsOf(20_000)];
    const parts = [...featuresParquetParts(features, about)];
    const size = parts.reduce((total, { length }) => total + length, 0);
    expect(size / features.data.byteLength).toBeLessThan(1.02);
    const copied = parts.filter(({ buffer }) => buffer !== features.data.buffer);
    expect(copied.reduce((total, { length }) => total + length, 0)).toBeLessThan(400_000);
  });

  test("adds up the sizes and counts of its row groups", () => {
    const { buffer } = featuresParquet(matrix(9_001, 512), rowsOf(9_001));
    const { row_groups: groups, num_rows: rows } = parquetMetadata(buffer);
    expect(rows).toBe(9_001n);
    expect(groups.map((group) => group.num_rows)).toEqual([8_192n, 809n]);
    for (const { columns, total_byte_size, total_compressed_size } of groups) {
      const sum = (key: "total_uncompressed_size" | "total_compressed_size") =>
        columns.reduce((total, { meta_data: meta }) => total + meta![key], 0n);
      expect(total_byte_size).toBe(sum("total_uncompressed_size"));
      expect(total_compressed_size).toBe(sum("total_compressed_size"));
      expect(columns.at(-1)!.meta_data!.num_values).toBe(columns[0]!.meta_data!.num_values * 512n);
    }
  });

  test("has no label and no class where there are none", async () => {
    const read = async (rows: FeatureRows) =>
      (await parquetReadObjects({ file: featuresParquet(matrix(1, 2), rows).buffer }))[0]!;
    expect(Object.keys(await read({ ...rowsOf(1), labels: null }))).toEqual(["name", "features"]);
    expect(Object.keys(await read({ ...rowsOf(1), classNames: null }))).toEqual([
      "name",
      "label",
      "features",
    ]);
  });
});
