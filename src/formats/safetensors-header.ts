import { AfterimageError } from "../errors.ts";
import { ARRAY_TYPES, type ArrayDtype, elementCount, isShape } from "./named-array.ts";

/** The place of an array in the data section: bytes [begin, end). */
export interface SafetensorsSpan {
  name: string;
  dtype: ArrayDtype;
  shape: readonly number[];
  begin: number;
  end: number;
}

/**
 * Reads the JSON header of a safetensors file. Each span's length is that of its type and shape. The caller
 * checks whether the spans together cover the data.
 *
 * @throws AfterimageError `data/format`
 */
export function parseSafetensorsHeader(bytes: Uint8Array): {
  spans: SafetensorsSpan[];
  metadata: Record<string, string>;
} {
  const fields = Object.entries(parseObject(bytes));
  const metadata = fields.find(([name]) => name === "__metadata__")?.[1] ?? {};
  if (!isStringRecord(metadata)) throw wrong("__metadata__", "an object of strings", metadata);
  const spans = fields
    .filter(([name]) => name !== "__metadata__")
    .map(([name, field]) => parseSpan(name, field));
  return { spans, metadata };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new AfterimageError(
      "data/format",
      { what: "the header of a safetensors file is not JSON in UTF-8" },
      { cause },
    );
  }
  if (!isRecord(header)) throw wrong("header", "an object", header);
  return header;
}

function parseSpan(name: string, field: unknown): SafetensorsSpan {
  if (!isRecord(field)) throw wrong(name, "an object with dtype, shape and data_offsets", field);
  const { dtype, shape, data_offsets: offsets } = field;
  if (typeof dtype !== "string" || !Object.hasOwn(ARRAY_TYPES, dtype)) {
    throw wrong(name, `a dtype of ${Object.keys(ARRAY_TYPES).join(", ")}`, dtype);
  }
  if (!isShape(shape)) throw wrong(name, "a shape of integers, 0 or more", shape);
  if (!isShape(offsets) || offsets.length !== 2) throw wrong(name, "data_offsets [begin, end]", offsets);
  const [begin, end] = offsets as [number, number];
  const length = elementCount(shape) * ARRAY_TYPES[dtype as ArrayDtype].BYTES_PER_ELEMENT;
  if (end - begin !== length) throw wrong(name, `${length} bytes for ${dtype} [${shape}]`, offsets);
  return { name, dtype: dtype as ArrayDtype, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStringRecord(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === "string");
}

function wrong(where: string, expected: string, got: unknown): AfterimageError {
  const shown = JSON.stringify(got) ?? "nothing";
  return new AfterimageError("data/format", {
    what: "the header of a safetensors file is not valid",
    where: shorten(where),
    expected: shorten(expected),
    got: shorten(shown),
  });
}

function shorten(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 159)}…`;
}
