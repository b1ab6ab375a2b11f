/** Features as a Parquet table: one row for each picture. */
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { FEATURES_SCHEMA, writeFeaturesChunk } from "./features-chunk.ts";
import type { Matrix } from "./matrix.ts";

/** The columns of a row in addition to features. */
export interface FeatureRows {
  names: readonly string[];
  labels: Int32Array | null;
  classNames: readonly string[] | null;
  /**
   * Pictures without a row, with the reasons: written into the file's metadata, under `skipped`, as JSON.
   */
  skipped?: readonly { path: string; reason: string }[];
}

/**
 * Features of one row group: 16 MB. Readers gain nothing from larger groups, and the writer holds one in
 * memory.
 */
const GROUP_BYTES = 1 << 24;

type Columns = Parameters<ParquetWriter["write"]>[0]["columnData"];
type Schema = ParquetWriter["schema"];

/**
 * Columns `name` (string), `label` (int32) and `class` (string), both absent without labels, and `features`
 * (`list<float>` of `cols` elements, not compressed, so the file is about as large as a `.npy`).
 */
export function featuresParquet(features: Matrix, rows: FeatureRows): Uint8Array<ArrayBuffer> {
  const parts = [...featuresParquetParts(features, rows)];
  const bytes = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The bytes of {@link featuresParquet} in parts, made on demand. Features are views of the matrix. */
export function* featuresParquetParts(features: Matrix, rows: FeatureRows): Generator<Uint8Array> {
  const writer = new ByteWriter();
  const { skipped = [] } = rows;
  const metadata = skipped.length > 0 && { kvMetadata: [{ key: "skipped", value: JSON.stringify(skipped) }] };
  const settings = { schema: schemaOf(rows), createdBy: "afterimage", ...metadata };
  const file = new ParquetWriter({ writer, ...settings });
  const size = Math.max(1, Math.floor(GROUP_BYTES / (4 * features.cols)));
  for (let start = 0; start < features.rows; start += size) {
    const end = Math.min(features.rows, start + size);
    file.write({ columnData: columnsOf(rows, start, end), rowGroupSize: end - start });
    yield drain(writer);
    const group = file.row_groups.at(-1)!;
    const { cols, data } = features;
    const part = { rows: end - start, cols, data: data.subarray(start * cols, end * cols) };
    const bytes = yield* writeFeaturesChunk(part, group, writer.offset);
    writer.offset += bytes;
  }
  file.finish();
  yield drain(writer);
}

/** The bytes written since the last call; the writer keeps its count. */
function drain(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

function schemaOf(rows: FeatureRows): Schema {
  const { labels, classes } = wanted(rows);
  const columns: Schema = [
    { name: "name", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  ];
  if (labels) columns.push({ name: "label", type: "INT32", repetition_type: "OPTIONAL" });
  if (classes) {
    columns.push({ name: "class", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" });
  }
  return [{ name: "root", num_children: columns.length + 1 }, ...columns, ...FEATURES_SCHEMA];
}

function columnsOf(rows: FeatureRows, start: number, end: number): Columns {
  const { labels, classes } = wanted(rows);
  const columns: Columns = [{ name: "name", data: rows.names.slice(start, end) }];
  if (labels) columns.push({ name: "label", data: labels.slice(start, end) });
  if (labels && classes) {
    columns.push({
      name: "class",
      data: Array.from(labels.subarray(start, end), (label) => classes[label]!),
    });
  }
  return columns;
}

function wanted({ labels, classNames }: FeatureRows) {
  return { labels, classes: labels === null ? null : classNames };
}
