import { describe, expect, test } from "vitest";
import { type TiffSpec, writeTiff } from "../../../test/support/write-tiff.ts";
import type { AfterimageError } from "../../errors.ts";
import { decodePicture } from "./decode-picture.ts";

const [WIDTH, HEIGHT] = [5, 3];
const RAMP = [0, 0.25, 0.5, 0.75, 1];
/** A ramp from left to right in every row, through `value`. */
const ramp = (value: (share: number) => number) =>
  Array.from({ length: WIDTH * HEIGHT }, (_, i) => value(RAMP[i % WIDTH]!));
/** The same colour everywhere. */
const plain = (...colour: number[]) => Array.from({ length: WIDTH * HEIGHT }, () => colour).flat();

async function decode(spec: Partial<TiffSpec> & Pick<TiffSpec, "samples">) {
  const bytes = writeTiff({ width: WIDTH, height: HEIGHT, photometric: 1, ...spec });
  return decodePicture(bytes, 64);
}
/** The first row, its first channel. */
async function row(spec: Partial<TiffSpec> & Pick<TiffSpec, "samples">): Promise<number[]> {
  const { data } = await decode(spec);
  return RAMP.map((_, i) => data[3 * i]!);
}
async function colour(spec: Partial<TiffSpec> & Pick<TiffSpec, "samples">): Promise<number[]> {
  const { data } = await decode(spec);
  return Array.from(data.subarray(0, 3));
}
async function reason(spec: Partial<TiffSpec> & Pick<TiffSpec, "samples">): Promise<string> {
  const error = await decode(spec).catch((thrown: unknown) => thrown);
  return (error as AfterimageError).evidence.what;
}
const WHOLE = [0, 64, 128, 191, 255];
const near = (expected: number[], tolerance = 1) => ({
  asymmetricMatch: (got: number[]) => got.every((value, i) => Math.abs(value - expected[i]!) <= tolerance),
});

describe("a ramp from black to white is one in every number format", () => {
  test.each<[string, TiffSpec["samples"]]>([
    ["uint8", Uint8Array.from(ramp((x) => 255 * x))],
    ["uint16", Uint16Array.from(ramp((x) => 65535 * x))],
    ["12 bits in uint16", Uint16Array.from(ramp((x) => 4095 * x))],
    ["uint32", Uint32Array.from(ramp((x) => 4294967295 * x))],
    ["uint32 of 16 bits", Uint32Array.from(ramp((x) => 65535 * x))],
    ["int8", Int8Array.from(ramp((x) => 200 * x - 100))],
    ["int16", Int16Array.from(ramp((x) => 4000 * x - 1000))],
    ["int32", Int32Array.from(ramp((x) => 1e9 * x))],
    ["float16", Uint16Array.of(0x0000, 0x3400, 0x3800, 0x3a00, 0x3c00)],
    ["float32 within 0 to 1", Float32Array.from(ramp((x) => x))],
    ["float32 beyond", Float32Array.from(ramp((x) => 300 + 1200 * x))],
  ])("%s", async (kind, given) => {
    const isHalf = kind === "float16"; // five numbers from 0 to 1, for every row
    const samples = isHalf ? Uint16Array.from([...given, ...given, ...given]) : given;
    const format = isHalf ? 3 : undefined;
    expect(await row({ samples, format })).toEqual(near(WHOLE));
    expect(await row({ samples, format, bigEndian: true })).toEqual(near(WHOLE));
    expect(await row({ samples, format, photometric: 0 })).toEqual(near(WHOLE.toReversed()));
  });

  test("float32 within 0 to 1 is taken as it is, not from its smallest to its largest", async () => {
    expect(await row({ samples: Float32Array.from(ramp((x) => 0.5 * x)) })).toEqual(
      near([0, 32, 64, 96, 128]),
    );
  });

  test("a dark picture of 8 bits, or of 16 with one sample above 12 bits, stays dark", async () => {
    expect(await row({ samples: Uint8Array.from(ramp((x) => 20 * x)) })).toEqual(near([0, 5, 10, 15, 20]));
    expect(await row({ samples: Uint16Array.from(ramp((x) => 4200 * x)) })).toEqual(near([0, 4, 8, 12, 16]));
  });

  test("NaN and what is not measured do not count", async () => {
    const samples = Float32Array.from(ramp((x) => (x === 0 ? Number.NaN : 100 * x)));
    expect(await row({ samples })).toEqual(near([0, 0, 85, 170, 255]));
    const holes = Float32Array.from(ramp((x) => (x === 0 ? -9999 : 100 * x)));
    expect(await row({ samples: holes, more: [[42113, 2, "-9999"]] })).toEqual(near([0, 0, 85, 170, 255]));
  });

  test.each<[string, TiffSpec["samples"], TiffSpec["more"]]>([
    [
      "SMinSampleValue and SMaxSampleValue",
      Float32Array.from(ramp((x) => 50 + 100 * x)),
      [
        [340, 11, [0]],
        [341, 11, [200]],
      ],
    ],
    [
      "SMaxSampleValue of integers",
      Uint16Array.from(ramp((x) => 250 + 500 * x)),
      [
        [340, 3, [0]],
        [341, 3, [1000]],
      ],
    ],
  ])("%s are black and white", async (_, samples, more) => {
    expect(await row({ samples, more: more! })).toEqual(near([64, 96, 128, 159, 191]));
  });

  test("a MaxSampleValue of 1023 says 10 bits", async () => {
    const samples = Uint16Array.from(ramp((x) => 511.5 * x));
    expect(await row({ samples, more: [[281, 3, [1023]]] })).toEqual(near([0, 32, 64, 96, 128]));
  });
});

describe("bands are what the file says", () => {
  const RGB = [200, 100, 50];
  test.each<[string, Partial<TiffSpec> & Pick<TiffSpec, "samples">, number[]]>([
    ["RGB", { samples: Uint8Array.from(plain(...RGB)), photometric: 2, bands: 3 }, RGB],
    [
      "RGB under MinIsBlack",
      { samples: Uint8Array.from(plain(...RGB)), bands: 3, extraSamples: [0, 0] },
      RGB,
    ],
    [
      "five bands, the first three RGB",
      { samples: Uint8Array.from(plain(...RGB, 0, 9)), photometric: 2, bands: 5, extraSamples: [0, 0] },
      RGB,
    ],
    [
      "a fourth band that is not alpha",
      { samples: Uint8Array.from(plain(...RGB, 0)), photometric: 2, bands: 4, extraSamples: [0] },
      RGB,
    ],
    [
      "a fourth band of which nothing is said",
      { samples: Uint8Array.from(plain(...RGB, 0)), photometric: 2, bands: 4 },
      RGB,
    ],
    [
      "alpha",
      { samples: Uint8Array.from(plain(...RGB, 0)), photometric: 2, bands: 4, extraSamples: [2] },
      [255, 255, 255],
    ],
    [
      "alpha before another band",
      { samples: Uint8Array.from(plain(...RGB, 0, 9)), photometric: 2, bands: 5, extraSamples: [2, 0] },
      [255, 255, 255],
    ],
    [
      "floats with alpha",
      { samples: Float32Array.from(plain(1, 0, 0, 0.5)), photometric: 2, bands: 4, extraSamples: [2] },
      [255, 128, 128],
    ],
    [
      "floats in RGB",
      { samples: Float32Array.from(plain(1, 0.5, 0.25)), photometric: 2, bands: 3 },
      [255, 128, 64],
    ],
    [
      "16-bit RGB of 12 bits",
      { samples: Uint16Array.from(plain(4095, 2048, 0)), photometric: 2, bands: 3 },
      [255, 128, 0],
    ],
    [
      "a second band that is not alpha",
      { samples: Uint8Array.from(plain(200, 0)), bands: 2, extraSamples: [0] },
      [200, 200, 200],
    ],
  ])("%s", async (_, spec, expected) => {
    expect(await colour(spec)).toEqual(near(expected));
  });

  // L* 53.24, a* 80.09, b* 67.20 is pure red (Lindbloom's calculator, D65); of D50, which TIFF means, a
  // little less.
  const lab8 = [Math.round((53.24 / 100) * 255), 80, 67];
  test.each<[string, Partial<TiffSpec> & Pick<TiffSpec, "samples">]>([
    ["CIE L*a*b* of 8 bits", { samples: Uint8Array.from(plain(...lab8)), photometric: 8, bands: 3 }],
    [
      "ICC L*a*b* of 8 bits",
      { samples: Uint8Array.from(plain(lab8[0]!, 208, 195)), photometric: 9, bands: 3 },
    ],
    [
      "CIE L*a*b* of 16 bits",
      { samples: Uint16Array.from(plain(lab8[0]! * 257, 80 * 256, 67 * 256)), photometric: 8, bands: 3 },
    ],
    [
      "ICC L*a*b* of 16 bits",
      { samples: Uint16Array.from(plain(lab8[0]! * 256, 208 * 256, 195 * 256)), photometric: 9, bands: 3 },
    ],
  ])("%s", async (_, spec) => {
    expect(await colour(spec)).toEqual(near([255, 0, 0], 12));
  });

  test("CMYK with a spot ink is its CMYK", async () => {
    const four = await colour({ samples: Uint8Array.from(plain(200, 100, 50, 0)), photometric: 5, bands: 4 });
    const five = {
      samples: Uint8Array.from(plain(200, 100, 50, 0, 255)),
      photometric: 5,
      bands: 5,
      extraSamples: [0],
    };
    expect(await colour(five)).toEqual(near(four));
  });
});

describe("what is not read is refused by its property:", () => {
  test.each<[string, Partial<TiffSpec> & Pick<TiffSpec, "samples">, RegExp]>([
    [
      "64-bit floats",
      { samples: Float64Array.from(ramp((x) => x)) },
      /64-bit floating-point samples is not supported/,
    ],
    [
      "ten bands",
      { samples: Uint8Array.from(plain(...RAMP, ...RAMP)), bands: 10 },
      /10 bands is not supported/,
    ],
    [
      "four bands under MinIsBlack",
      { samples: Uint8Array.from(plain(1, 2, 3, 4)), bands: 4 },
      /4 bands .* MinIsBlack/,
    ],
    ["ITU L*a*b*", { samples: Uint8Array.from(plain(1, 2, 3)), bands: 3, photometric: 10 }, /ITU L\*a\*b\*/],
    [
      "floats in CMYK",
      { samples: Float32Array.from(plain(1, 1, 1, 1)), bands: 4, photometric: 5 },
      /floating-point samples in CMYK/,
    ],
    [
      "two bands of RGB",
      { samples: Uint8Array.from(plain(1, 2)), bands: 2, photometric: 2 },
      /2 bands .* RGB/,
    ],
    [
      "inks that are not CMYK",
      { samples: Uint8Array.from(plain(1, 2, 3, 4)), bands: 4, photometric: 5, more: [[332, 3, [2]]] },
      /inks other than CMYK/,
    ],
    [
      "complex numbers",
      { samples: Float64Array.from(ramp((x) => x)), more: [[339, 3, [6]]] },
      /complex numbers|bits/,
    ],
  ])("%s", async (_, spec, expected) => {
    expect(await reason(spec)).toMatch(expected);
  });
});

test("the traits say what a picture was scaled by where its file does not", async () => {
  const scaling = async (samples: TiffSpec["samples"]) => (await decode({ samples })).traits.scaling;
  expect(await scaling(Uint16Array.from(ramp((x) => 4095 * x)))).toBe("fewer-bits");
  expect(await scaling(Int16Array.from(ramp((x) => 4095 * x)))).toBe("own-range");
  expect(await scaling(Float32Array.from(ramp((x) => 2 * x)))).toBe("own-range");
  expect(await scaling(Float32Array.from(ramp((x) => x)))).toBeNull();
  expect(await scaling(Uint16Array.from(ramp((x) => 65535 * x)))).toBeNull();
});
