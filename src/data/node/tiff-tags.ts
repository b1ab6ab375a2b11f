/** Numbers of TIFF tags, as TIFF 6.0 and its supplements name them. */
export const TAG = {
  newSubfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  make: 271,
  samplesPerPixel: 277,
  maxSampleValue: 281,
  subIfds: 330,
  inkSet: 332,
  extraSamples: 338,
  sampleFormat: 339,
  sMinSampleValue: 340,
  sMaxSampleValue: 341,
  dngVersion: 50706,
  gdalNoData: 42113,
} as const;

export interface TiffTags {
  numbers: ReadonlyMap<number, readonly number[]>;
  texts: ReadonlyMap<number, string>;
  /** The place of a tag's value in the file, in bytes. */
  places: ReadonlyMap<number, number>;
  littleEndian: boolean;
}

/**
 * The most values of a tag that are read. Tags with more are tables of strips and colours, which are not used
 * here.
 */
const MOST_VALUES = 64;
const ASCII = 2;
/** Bytes of a value of each type, by the type's number. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

/**
 * Reads the tags of a TIFF's first picture, or of the picture whose directory is at `at`: TIFF and BigTIFF,
 * in either byte order. libtiff reads the pixels, but does not report these tags.
 *
 * Source: TIFF 6.0 (Adobe 1992), section 2; BigTIFF as libtiff writes it.
 *
 * @returns null if it is no TIFF, or if the directory is outside the file.
 */
export function readTiffTags(bytes: Uint8Array, at?: number): TiffTags | null {
  const reader = openTiff(bytes);
  if (reader === null) return null;
  try {
    return readDirectory(reader, at ?? reader.first);
  } catch (error) {
    if (error instanceof RangeError) return null; // outside the file
    throw error;
  }
}

interface TiffReader {
  view: DataView;
  littleEndian: boolean;
  isBig: boolean;
  /** The place of the first directory. */
  first: number;
}

function openTiff(bytes: Uint8Array): TiffReader | null {
  if (bytes.length < 16) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = String.fromCharCode(bytes[0]!, bytes[1]!);
  if (order !== "II" && order !== "MM") return null;
  const littleEndian = order === "II";
  const version = view.getUint16(2, littleEndian);
  if (version === 42) return { view, littleEndian, isBig: false, first: view.getUint32(4, littleEndian) };
  if (version !== 43) return null;
  return { view, littleEndian, isBig: true, first: Number(view.getBigUint64(8, littleEndian)) };
}

function readDirectory(reader: TiffReader, at: number): TiffTags {
  const { view, littleEndian, isBig } = reader;
  const numbers = new Map<number, number[]>();
  const texts = new Map<number, string>();
  const places = new Map<number, number>();
  const count = isBig ? Number(view.getBigUint64(at, littleEndian)) : view.getUint16(at, littleEndian);
  const start = at + (isBig ? 8 : 2);
  const entryBytes = isBig ? 20 : 12;
  for (let i = 0; i < count; i++) {
    const entry = readEntry(reader, start + i * entryBytes);
    if (entry === null) continue;
    places.set(entry.tag, entry.place);
    if (entry.type === ASCII) texts.set(entry.tag, textOf(reader, entry));
    else numbers.set(entry.tag, numbersOf(reader, entry));
  }
  return { numbers, texts, places, littleEndian };
}

interface Entry {
  tag: number;
  type: number;
  count: number;
  place: number;
}

/** An entry of a directory; null if some of its values are outside the file. */
function readEntry({ view, littleEndian, isBig }: TiffReader, at: number): Entry | null {
  const tag = view.getUint16(at, littleEndian);
  const type = view.getUint16(at + 2, littleEndian);
  const count = isBig
    ? Number(view.getBigUint64(at + 4, littleEndian))
    : view.getUint32(at + 4, littleEndian);
  const bytes = count * (TYPE_BYTES[type] ?? 0);
  const field = at + (isBig ? 12 : 8);
  const isInline = bytes <= (isBig ? 8 : 4);
  const far = () =>
    isBig ? Number(view.getBigUint64(field, littleEndian)) : view.getUint32(field, littleEndian);
  const place = isInline ? field : far();
  return bytes === 0 || place + bytes > view.byteLength ? null : { tag, type, count, place };
}

function numbersOf({ view, littleEndian }: TiffReader, { type, count, place }: Entry): number[] {
  const read = NUMBER_READERS[type];
  if (read === undefined) return [];
  const step = TYPE_BYTES[type]!;
  return Array.from({ length: Math.min(count, MOST_VALUES) }, (_, i) =>
    read(view, place + i * step, littleEndian),
  );
}

function textOf({ view }: TiffReader, { count, place }: Entry): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + place, Math.min(count, 256));
  return new TextDecoder("latin1").decode(bytes).replace(/\0.*$/s, "").trim();
}

type NumberReader = (view: DataView, at: number, littleEndian: boolean) => number;

const NUMBER_READERS: Readonly<Record<number, NumberReader>> = {
  1: (view, at) => view.getUint8(at),
  3: (view, at, little) => view.getUint16(at, little),
  4: (view, at, little) => view.getUint32(at, little),
  5: (view, at, little) => view.getUint32(at, little) / view.getUint32(at + 4, little),
  6: (view, at) => view.getInt8(at),
  8: (view, at, little) => view.getInt16(at, little),
  9: (view, at, little) => view.getInt32(at, little),
  11: (view, at, little) => view.getFloat32(at, little),
  12: (view, at, little) => view.getFloat64(at, little),
  13: (view, at, little) => view.getUint32(at, little),
  16: (view, at, little) => Number(view.getBigUint64(at, little)),
  18: (view, at, little) => Number(view.getBigUint64(at, little)),
};
