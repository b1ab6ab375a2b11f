/** Features as a Parquet table: one row a picture. */
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Matrix } from "../data/matrix.ts";

/** Columns `name` (string), `label` (int32, absent without labels) and `features` (list of float). */
export function featuresParquet(
  { rows, cols, data }: Matrix,
  { names, labels }: { names: readonly string[]; labels: Int32Array | null },
): Uint8Array {
  const vectors = Array.from({ length: rows }, (_, row) =>
    Array.from(data.subarray(row * cols, (row + 1) * cols)),
  );
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "name", data: [...names], type: "STRING" },
      ...(labels === null ? [] : [{ name: "label", data: Array.from(labels), type: "INT32" as const }]),
      { name: "features", data: vectors },
    ],
  });
  return new Uint8Array(buffer);
}
