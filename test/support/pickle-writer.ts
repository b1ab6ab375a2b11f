/** Pickles put together by hand, opcode by opcode, for files that no library would write. */

/** Bytes and text one after the other; numbers are single bytes. */
export function bytesOf(...parts: (number | string | Uint8Array)[]): Uint8Array {
  const encoder = new TextEncoder();
  const pieces = parts.map((part) => {
    if (typeof part === "number") return Uint8Array.of(part);
    return typeof part === "string" ? encoder.encode(part) : part;
  });
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** A whole pickle of protocol 2. */
export function pickle(...body: Parameters<typeof bytesOf>): Uint8Array {
  return bytesOf(0x80, 2, ...body, ".");
}

/** GLOBAL: the name of a module and of something in it. */
export const named = (module: string, name: string) => `c${module}\n${name}\n`;

/** BINUNICODE. */
export function text(value: string): Uint8Array {
  const encoded = new TextEncoder().encode(value);
  return bytesOf("X", uint32(encoded.length), encoded);
}

/** BININT. */
export const int = (value: number) => bytesOf("J", uint32(value));

export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

export function uint64(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

/** A tuple of whatever the parts push. */
export const tuple = (...parts: Parameters<typeof bytesOf>) => bytesOf("(", ...parts, "t");

/** The storage of that key outside of the pickle. */
export function storage(key: string, count: number, type = "FloatStorage"): Uint8Array {
  return bytesOf(tuple(text("storage"), named("torch", type), text(key), text("cpu"), int(count)), "Q");
}

/** A call of `_rebuild_tensor_v2`. */
export function tensor(
  of: Uint8Array,
  { offset = 0, shape, strides }: { offset?: number; shape: number[]; strides: number[] },
): Uint8Array {
  const sizes = (list: number[]) => tuple(...list.map(int));
  const hooks = bytesOf(named("collections", "OrderedDict"), ")R");
  const args = tuple(of, int(offset), sizes(shape), sizes(strides), 0x89, hooks);
  return bytesOf(named("torch._utils", "_rebuild_tensor_v2"), args, "R");
}

const MAGIC = bytesOf(
  0x8a,
  10,
  Uint8Array.from([0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]),
);

/** A legacy file of torch.save: a pickle's body, and its storages by key. */
export function legacyFile(
  body: Uint8Array,
  storages: Readonly<Record<string, Float32Array>> = {},
): Uint8Array {
  const machine = pickle("}", text("little_endian"), 0x88, "s");
  const keys = pickle("](", ...Object.keys(storages).map(text), "e");
  const contents = Object.values(storages).map((data) =>
    bytesOf(uint64(data.length), new Uint8Array(data.buffer)),
  );
  return bytesOf(pickle(MAGIC), pickle("M", 0xe9, 0x03), machine, pickle(body), keys, ...contents);
}

export interface ZipFile {
  name: string;
  content: Uint8Array;
  /** What the directory says where it lies. */
  method?: number;
  flags?: number;
  size?: number;
  header?: number;
}

/** A zip archive that stores its files; the directory says what it is told to say. */
export function zip(files: readonly ZipFile[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, content, method = 0, flags = 0, size = content.length, header = at } of files) {
    const encoded = new TextEncoder().encode(name);
    const sizes = [uint32(0), uint32(size), uint32(size)];
    const local = bytesOf(
      "PK\u0003\u0004",
      short(20, 0, 0, 0, 0),
      ...sizes,
      short(encoded.length, 0),
      encoded,
    );
    const entry = [short(20, 20, flags, method, 0, 0), ...sizes, short(encoded.length, 0, 0, 0, 0)];
    directory.push(bytesOf("PK\u0001\u0002", ...entry, uint32(0), uint32(header), encoded));
    parts.push(local, content);
    at += local.length + content.length;
  }
  const list = bytesOf(...directory);
  const end = bytesOf(
    "PK\u0005\u0006",
    short(0, 0, files.length, files.length),
    uint32(list.length),
    uint32(at),
    short(0),
  );
  return bytesOf(...parts, list, end);
}

function short(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value & 0xff, value >> 8]));
}

/** A file of torch.save as a zip archive: a pickle, and storages by key. */
export function zipFile(
  pickled: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array {
  return zip([
    { name: "archive/data.pkl", content: pickled },
    ...Object.entries(storages).map(([key, content]) => ({ name: `archive/data/${key}`, content })),
  ]);
}
