/** A TIFF to be written: one strip, uncompressed. */
export interface TiffSpec {
  width: number;
  height: number;
  /** Interleaved, in the number format of the file. */
  samples:
    | Uint8Array
    | Int8Array
    | Uint16Array
    | Int16Array
    | Uint32Array
    | Int32Array
    | Float32Array
    | Float64Array;
  photometric: number;
  bands?: number;
  extraSamples?: readonly number[];
  /** More tags, as [tag, type, values]; type 2 is text. */
  more?: readonly (readonly [number, number, readonly number[] | string])[];
  bigEndian?: boolean;
  /** SampleFormat, if it is not that of the array's type. */
  format?: number | undefined;
}

const SIZES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 11: 4, 12: 8 };

/** Writes a TIFF of any number format; sharp cannot. */
export function writeTiff(spec: TiffSpec): Buffer {
  const { width, height, samples, photometric, bands = 1, extraSamples = [], more = [] } = spec;
  const little = spec.bigEndian !== true;
  const bits = 8 * samples.BYTES_PER_ELEMENT;
  const each = (value: number) => new Array<number>(bands).fill(value);
  const data = bytesOf(samples, little);
  const tags: [number, number, readonly number[] | string][] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, each(bits)],
    [259, 3, [1]],
    [262, 3, [photometric]],
    [273, 4, [0]],
    [277, 3, [bands]],
    [278, 4, [height]],
    [279, 4, [data.length]],
    ...(extraSamples.length > 0 ? [[338, 3, extraSamples] as [number, number, readonly number[]]] : []),
    [339, 3, each(spec.format ?? formatOf(samples))],
    ...more.map(([tag, type, values]): [number, number, readonly number[] | string] => [tag, type, values]),
  ];
  tags.sort((a, b) => a[0] - b[0]);
  return assemble(tags, data, little);
}

function assemble(
  tags: readonly [number, number, readonly number[] | string][],
  data: Buffer,
  little: boolean,
): Buffer {
  const values = tags.map(([, type, value]) => valueBytes(type, value, little));
  const far = values.reduce((sum, { length }) => sum + (length > 4 ? length : 0), 0);
  const start = 8 + 2 + 12 * tags.length + 4;
  const out = Buffer.alloc(start + far + data.length);
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  out.write(little ? "II" : "MM", 0, "latin1");
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, tags.length, little);
  let next = start;
  tags.forEach(([tag, type, value], i) => {
    const at = 10 + 12 * i;
    const bytes = values[i]!;
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    view.setUint32(at + 4, typeof value === "string" ? bytes.length : value.length, little);
    if (tag === 273) view.setUint32(at + 8, start + far, little);
    else if (bytes.length <= 4) bytes.copy(out, at + 8);
    else {
      view.setUint32(at + 8, next, little);
      next += bytes.copy(out, next);
    }
  });
  data.copy(out, start + far);
  return out;
}

function valueBytes(type: number, value: readonly number[] | string, little: boolean): Buffer {
  if (typeof value === "string") return Buffer.from(`${value}\0`, "latin1");
  const size = SIZES[type]!;
  const view = new DataView(new ArrayBuffer(size * value.length));
  value.forEach((number, i) => {
    if (type === 1) view.setUint8(i, number);
    else if (type === 3) view.setUint16(2 * i, number, little);
    else if (type === 4) view.setUint32(4 * i, number, little);
    else if (type === 11) view.setFloat32(4 * i, number, little);
    else view.setFloat64(8 * i, number, little);
  });
  return Buffer.from(view.buffer);
}

function formatOf(samples: TiffSpec["samples"]): number {
  if (samples instanceof Float32Array || samples instanceof Float64Array) return 3;
  return samples instanceof Int8Array || samples instanceof Int16Array || samples instanceof Int32Array
    ? 2
    : 1;
}

/** The bytes of samples. All machines that run Node have little-endian numbers. */
function bytesOf(samples: TiffSpec["samples"], little: boolean): Buffer {
  const bytes = Buffer.from(
    Uint8Array.from(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)),
  );
  if (little || samples.BYTES_PER_ELEMENT === 1) return bytes;
  if (samples.BYTES_PER_ELEMENT === 2) return bytes.swap16();
  return samples.BYTES_PER_ELEMENT === 4 ? bytes.swap32() : bytes.swap64();
}
