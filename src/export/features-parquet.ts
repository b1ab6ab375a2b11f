/** Features as a Parquet table: one row a picture. */
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Matrix } from "../data/matrix.ts";

/** What a row says of its picture beside the features. */
export interface FeatureRows {
  names: readonly string[];
  labels: Int32Array | null;
  classNames: readonly string[] | null;
}

/**
 * Columns `name` (string), `label` (int32) and `class` (string), both absent without labels, and `features` (list of
 * float).
 */
export function featuresParquet(
  { rows, cols, data }: Matrix,
  { names, labels, classNames }: FeatureRows,
): Uint8Array {
  const vectors = Array.from({ length: rows }, (_, row) =>
    Array.from(data.subarray(row * cols, (row + 1) * cols)),
  );
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "name", data: [...names], type: "STRING" },
      ...(labels === null ? [] : [{ name: "label", data: Array.from(labels), type: "INT32" as const }]),
      ...(labels === null || classNames === null
        ? []
        : [
            {
              name: "class",
              data: Array.from(labels, (label) => classNames[label]!),
              type: "STRING" as const,
            },
          ]),
      { name: "features", data: vectors },
    ],
  });
  return new Uint8Array(buffer);
}
