import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { damaged } from "../../test/support/damaged.ts";
import { AfterimageError } from "../errors.ts";
import {
  decodeCifar,
  decodeIdx,
  decodeIdxLabels,
  decodeIdxPictures,
  decodeNpy,
  decodeSafetensors,
  encodeNpy,
  encodeSafetensors,
} from "./index.ts";

type Reader = [name: string, read: (bytes: Uint8Array) => unknown, sample: Uint8Array];

const IDX = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60);
const READERS: Reader[] = [
  ["idx", decodeIdx, IDX],
  ["idx pictures", decodeIdxPictures, IDX],
  ["idx labels", decodeIdxLabels, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)],
  ["cifar-10", (bytes) => decodeCifar(bytes, "cifar10"), new Uint8Array(3073).fill(5)],
  ["cifar-100", (bytes) => decodeCifar(bytes, "cifar100"), new Uint8Array(2 * 3074).fill(7)],
  ["npy", decodeNpy, encodeNpy({ dtype: "F32", shape: [2, 3], data: new Float32Array(6) })],
  [
    "safetensors",
    decodeSafetensors,
    encodeSafetensors(
      new Map([
        ["a", { dtype: "F32", shape: [2, 2], data: new Float32Array(4) }],
        ["b", { dtype: "U8", shape: [3], data: new Uint8Array(3) }],
      ]),
      { note: "text" },
    ),
  ],
];

describe.each(READERS)(
  "any bytes given to the reader of %s give a value or an AfterimageError",
  (_, read, sample) => {
    const holds = (bytes: Uint8Array) => {
      try {
        read(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(AfterimageError);
      }
    };

    test("and its sample is read", () => {
      expect(() => read(sample)).not.toThrow();
    });

    test("made at random", () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), holds), { numRuns: 300 });
    });

    test("made from a valid file", () => {
      fc.assert(fc.property(damaged(sample), holds), { numRuns: 500 });
    });
  },
);

test("a safetensors header of any JSON gives a value or an AfterimageError", () => {
  const field = fc.record({
    dtype: fc.constantFrom("F32", "U8", "I64", "XX"),
    shape: fc.array(fc.oneof(fc.nat(3), fc.maxSafeInteger()), { maxLength: 3 }),
    data_offsets: fc.tuple(fc.nat(20), fc.oneof(fc.nat(20), fc.maxSafeInteger())),
  });
  const header = fc.oneof(
    fc.json(),
    fc.dictionary(fc.string({ maxLength: 3 }), field).map((fields) => JSON.stringify(fields)),
  );
  fc.assert(
    fc.property(header, fc.nat(24), (text, dataLength) => {
      const encoded = new TextEncoder().encode(text);
      const bytes = new Uint8Array(8 + encoded.length + dataLength);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(encoded.length), true);
      bytes.set(encoded, 8);
      try {
        decodeSafetensors(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(AfterimageError);
      }
    }),
    { numRuns: 500 },
  );
});

test("any arrays survive safetensors and npy", () => {
  const arrays = fc.array(fc.tuple(fc.string(), fc.array(fc.float({ noNaN: true }), { maxLength: 9 })), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(arrays, (entries) => {
      const named = new Map(
        entries
          .filter(([name]) => name !== "__metadata__")
          .map(([name, values]) => [
            name,
            { dtype: "F32" as const, shape: [values.length], data: Float32Array.from(values) },
          ]),
      );
      const { arrays: back } = decodeSafetensors(encodeSafetensors(named));
      expect(new Map(back)).toEqual(named);
      for (const array of named.values()) expect(decodeNpy(encodeNpy(array))).toEqual(array);
    }),
  );
});
