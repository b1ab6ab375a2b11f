/**
 * Files of `torch.save`: a zip archive (PyTorch 1.6 and later), or the legacy form of pickles and storages
 * one after the other. Nothing in them is executed (`pickle.ts`).
 *
 * Source of both layouts: PyTorch's `torch/serialization.py` (`_save`, `_legacy_save`).
 */
import { AfterimageError } from "../errors.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { type ByteSource, partOf } from "./byte-source.ts";
import { ARRAY_TYPES, type ArrayDtype } from "./named-array.ts";
import { readPickle } from "./pickle.ts";
import { storageDtype, torchGlobal } from "./torch-names.ts";
import { TorchStorage } from "./torch-tensor.ts";
import { isZip, readZipDirectory } from "./zip-directory.ts";

export { TorchTensor } from "./torch-tensor.ts";

export interface TorchFile {
  /** The layout: that of PyTorch 1.6 and later, or the older one. */
  form: "zip" | "legacy";
  /**
   * What was saved: null, booleans, numbers, bigints, strings, bytes, arrays, Map, Set, {@link TorchTensor},
   * and `PickleRecord` for the few other objects that are allowed.
   */
  value: unknown;
}

const WHAT = "this PyTorch file";
const [MAGIC, PROTOCOL] = [0x1950a86a20f9469cfc6cn, 1001];
/** The pickles of names and shapes together; those of the largest models have some MB. */
const LARGEST_PICKLE = 256 * 2 ** 20;

/** Whether the first bytes are those of a file of `torch.save`. */
export function isTorchFile(source: ByteSource): boolean {
  if (isZip(source)) return true;
  return source.length > 2 && source.read(0, 1)[0] === 0x80;
}

/**
 * Reads what was saved; the elements of tensors are read when they are asked for.
 *
 * @throws AfterimageError `data/format` for a file that is neither of the two forms, is cut short,
 * contradicts itself or would run anything.
 */
export function decodeTorch(source: ByteSource): TorchFile {
  return isZip(source)
    ? { form: "zip", value: decodeZip(source) }
    : { form: "legacy", value: decodeLegacy(source) };
}

function decodeZip(source: ByteSource): unknown {
  const files = readZipDirectory(source);
  const main = [...files.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (main.length !== 1) throw wrong("one data.pkl in the archive", `${main.length}`);
  const folder = main[0]!.slice(0, -"data.pkl".length);
  if (files.has(`${folder}constants.pkl`)) throw wrong("a state dict", "a program of TorchScript");
  requireLittleEndian(files.get(`${folder}byteorder`));
  const pickle = files.get(main[0]!)!;
  if (pickle.length > LARGEST_PICKLE)
    throw wrong(`a pickle of at most ${LARGEST_PICKLE} bytes`, `${pickle.length}`);
  const persistent = (id: unknown) => {
    const { dtype, key, count } = parseStorageId(id);
    const content = files.get(`${folder}data/${key}`);
    if (content === undefined) throw wrong(`a file data/${key} in the archive`, "none");
    requireLength(content, dtype, count);
    return new TorchStorage(dtype, () => content);
  };
  return readPickle(new ByteCursor(pickle, WHAT), { what: WHAT, find: torchGlobal, persistent });
}

function requireLittleEndian(file: ByteSource | undefined): void {
  if (file === undefined) return;
  const order = new TextDecoder().decode(file.read(0, Math.min(file.length, 16)));
  if (order !== "little") throw wrong("numbers in little-endian order", order);
}

function requireLength({ length }: ByteSource, dtype: ArrayDtype, count: number): void {
  const expected = count * ARRAY_TYPES[dtype].BYTES_PER_ELEMENT;
  if (length !== expected) throw wrong(`a storage of ${expected} bytes`, `${length}`);
}

/**
 * Magic, version, the machine, the value, the keys of the storages; then length and bytes of each storage.
 */
function decodeLegacy(source: ByteSource): unknown {
  const cursor = new ByteCursor(partOf(source, 0, Math.min(source.length, LARGEST_PICKLE)), WHAT);
  const wanted = new Map<string, LegacyStorage>();
  const persistent = (id: unknown) => legacyStorage(wanted, id);
  const next = () => readPickle(cursor, { what: WHAT, find: torchGlobal, persistent });
  if (next() !== MAGIC) throw wrong("the number by which PyTorch's pickles begin", "another pickle");
  if (next() !== PROTOCOL) throw wrong(`version ${PROTOCOL} of the legacy form`, "another");
  const machine = next();
  if (!(machine instanceof Map) || machine.get("little_endian") === false)
    throw wrong("numbers in little-endian order", "another order");
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) throw wrong("a list of storages", typeof keys);
  const storages = new ByteCursor(source, WHAT, cursor.position);
  for (const key of keys) placeStorage(source, storages, wanted, key);
  const lost = [...wanted].find(([, { content }]) => content === null);
  if (lost !== undefined) throw wrong(`the storage ${lost[0]}`, "none");
  return value;
}

/** A storage of a legacy file, whose bytes are behind the pickles. */
interface LegacyStorage {
  dtype: ArrayDtype;
  count: number;
  content: ByteSource | null;
}

function legacyStorage(wanted: Map<string, LegacyStorage>, id: unknown): TorchStorage {
  const { dtype, key, count, view } = parseStorageId(id);
  const known = wanted.get(key) ?? { dtype, count, content: null };
  if (known.dtype !== dtype) throw wrong(`one type for the storage ${key}`, `${known.dtype} and ${dtype}`);
  wanted.set(key, known);
  return new TorchStorage(dtype, () => viewOf(requireContent(known), dtype, view));
}

function requireContent({ content }: LegacyStorage): ByteSource {
  if (content === null) throw wrong("a storage's bytes behind the pickles", "none");
  return content;
}

/** A part of a storage, as PyTorch up to 0.3 saved it. */
function viewOf(content: ByteSource, dtype: ArrayDtype, view: StorageId["view"]): ByteSource {
  if (view === null) return content;
  const size = ARRAY_TYPES[dtype].BYTES_PER_ELEMENT;
  const [begin, end] = [view.offset * size, (view.offset + view.count) * size];
  if (end > content.length) throw wrong(`a view within ${content.length} bytes`, `${end}`);
  return partOf(content, begin, end);
}

function placeStorage(
  source: ByteSource,
  cursor: ByteCursor,
  wanted: ReadonlyMap<string, LegacyStorage>,
  key: unknown,
): void {
  const storage = wanted.get(String(key));
  if (storage === undefined)
    throw wrong("storages that the value needs", `one more: ${String(key).slice(0, 40)}`);
  const count = cursor.uint64();
  if (count !== storage.count) throw wrong(`a storage of ${storage.count} elements`, `${count}`);
  const begin = cursor.position;
  cursor.skip(count * ARRAY_TYPES[storage.dtype].BYTES_PER_ELEMENT);
  storage.content = partOf(source, begin, cursor.position);
}

interface StorageId {
  dtype: ArrayDtype;
  key: string;
  /** Elements. */
  count: number;
  view: { offset: number; count: number } | null;
}

/**
 * `("storage", class, key, device, elements)`, and in a legacy file `(key, offset, elements)` of a view or
 * None.
 */
function parseStorageId(id: unknown): StorageId {
  const [kind, type, key, , count, view = null] = Array.isArray(id) ? (id as unknown[]) : [];
  const dtype = storageDtype(type);
  if (kind !== "storage" || dtype === undefined || typeof key !== "string" || !isCount(count))
    throw wrong("a storage by class, key and number of elements", "another object outside of the pickle");
  return { dtype, key, count, view: parseView(view) };
}

function parseView(view: unknown): StorageId["view"] {
  if (view === null) return null;
  const [, offset, count] = Array.isArray(view) ? (view as unknown[]) : [];
  if (!isCount(offset) || !isCount(count)) throw wrong("offset and size of a view", "something else");
  return { offset, count };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function wrong(expected: string, got: string): AfterimageError {
  return new AfterimageError("data/format", { what: `${WHAT} cannot be read`, expected, got });
}
