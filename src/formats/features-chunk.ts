/**
 * A Parquet column of vectors of one length, copied directly from memory. hyparquet-writer writes lists too,
 * but number by number: 60,000 × 512 takes it more than twenty seconds, and a copy takes one.
 *
 * Source: apache/parquet-format, `README.md` ("Data Pages", "Column chunks"), `Encodings.md` ("Plain", "Run
 * Length Encoding / Bit-Packing Hybrid") and `LogicalTypes.md` ("Lists").
 */
import { ByteWriter, type ParquetWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import type { Matrix } from "./matrix.ts";

type RowGroup = ParquetWriter["row_groups"][number];

/** `features`: `list<float>` in the three levels of the specification, as Arrow writes it. */
export const FEATURES_SCHEMA: ParquetWriter["schema"] = [
  { name: "features", repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  { name: "element", type: "FLOAT", repetition_type: "OPTIONAL" },
];
const PATH = ["features", "list", "element"];
/** The definition level of numbers that are present: the list, its entry and the number exist. */
const DEFINED = 3;
/** Values of one page: 1 MB, or one row if that is longer. */
const PAGE_BYTES = 1 << 20;

/**
 * Gives the bytes of the column chunk in parts, adds the chunk to the row group, and returns its size.
 *
 * @param offset the chunk's place in the file.
 */
export function* writeFeaturesChunk(
  features: Matrix,
  group: RowGroup,
  offset: number,
): Generator<Uint8Array, number> {
  const { rows, cols, data } = features;
  const pageRows = Math.max(1, Math.floor(PAGE_BYTES / (4 * cols)));
  let size = 0;
  for (let start = 0; start < rows; start += pageRows) {
    const values = data.subarray(start * cols, Math.min(rows, start + pageRows) * cols);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const head = pageHead(values.length / cols, cols, bytes.length);
    yield head;
    yield bytes;
    size += head.length + bytes.length;
  }
  addChunk(group, offset, data.length, size);
  return size;
}

function addChunk(group: RowGroup, offset: number, values: number, size: number): void {
  group.columns.push({
    file_offset: BigInt(offset),
    meta_data: {
      type: "FLOAT",
      encodings: ["PLAIN", "RLE"],
      path_in_schema: PATH,
      codec: "UNCOMPRESSED",
      num_values: BigInt(values),
      total_uncompressed_size: BigInt(size),
      total_compressed_size: BigInt(size),
      data_page_offset: BigInt(offset),
    },
  });
  group.total_byte_size += BigInt(size);
  group.total_compressed_size = (group.total_compressed_size ?? 0n) + BigInt(size);
}

/** A page without its values: header, repetition levels, definition levels. */
function pageHead(rows: number, cols: number, valueBytes: number): Uint8Array {
  const repetition = repetitionLevels(rows, cols);
  const definition = new ByteWriter();
  appendRun(definition, DEFINED, rows * cols);
  const bytes = repetition.offset + definition.offset + valueBytes;
  const head = new ByteWriter();
  writePageHeader(head, {
    type: "DATA_PAGE_V2",
    uncompressed_page_size: bytes,
    compressed_page_size: bytes,
    data_page_header_v2: {
      num_values: rows * cols,
      num_nulls: 0,
      num_rows: rows,
      encoding: "PLAIN",
      definition_levels_byte_length: definition.offset,
      repetition_levels_byte_length: repetition.offset,
      is_compressed: false,
    },
  });
  head.appendBytes(repetition.getBytes());
  head.appendBytes(definition.getBytes());
  return head.getBytes();
}

/**
 * Repetition levels, which mark the starts of lists: 0 for the first number of each row, 1 for every other.
 */
function repetitionLevels(rows: number, cols: number): ByteWriter {
  const levels = new ByteWriter();
  if (cols === 1) appendRun(levels, 0, rows);
  for (let row = 0; cols > 1 && row < rows; row++) {
    appendRun(levels, 0, 1);
    appendRun(levels, 1, cols - 1);
  }
  return levels;
}

/** A level of one byte, repeated. */
function appendRun(levels: ByteWriter, level: number, count: number): void {
  levels.appendVarInt(count << 1);
  levels.appendUint8(level);
}
