/** Files that a failing disk, a cut connection or a careless edit has damaged. */
import * as fc from "fast-check";
import { expect } from "vitest";
import { AfterimageError } from "../../src/errors.ts";

/** The start of a file, where headers are, is damaged as often as all the rest. */
const START = 255;
const LARGE = [
  "-1",
  "0",
  "1e999",
  "9007199254740993",
  "4294967296",
  `${"9".repeat(40)}`,
  "null",
  '"x"',
  "[]",
];

/** `sample` with bytes changed, inserted and removed, its end cut off, or bytes appended. */
export function damaged(sample: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.oneof(fc.nat(sample.length - 1), fc.nat(Math.min(START, sample.length - 1)));
  const byte = fc.nat(255);
  const edit = fc.oneof(
    fc.record({ at: place, gone: fc.constant(1), put: fc.tuple(byte) }),
    fc.record({ at: place, gone: fc.nat(9), put: fc.array(byte, { maxLength: 9 }) }),
  );
  const cut = fc.oneof(fc.constant(sample.length), place);
  return fc
    .tuple(fc.array(edit, { maxLength: 5 }), cut, fc.uint8Array({ maxLength: 9 }))
    .map(([edits, end, tail]) => {
      const bytes = [...sample.subarray(0, end), ...tail];
      for (const { at, gone, put } of edits) bytes.splice(at, gone, ...put);
      return Uint8Array.from(bytes);
    });
}

/**
 * JSON text with one of its values replaced by a value of another kind or of any size, or damaged like any
 * bytes.
 */
export function damagedJson(sample: unknown): fc.Arbitrary<Uint8Array> {
  const text = JSON.stringify(sample);
  const values = [...text.matchAll(/(?<=[:[,])(?:-?\d[\d.e+-]*|"[^"]*"(?!:)|true|false|null)/g)];
  const replaced = fc.tuple(fc.constantFrom(...values), fc.constantFrom(...LARGE)).map(([match, value]) => {
    const end = match.index + match[0].length;
    return new TextEncoder().encode(text.slice(0, match.index) + value + text.slice(end));
  });
  return fc.oneof(replaced, damaged(new TextEncoder().encode(text)));
}

/** Any bytes: random ones, and damaged files of the given kinds. */
export function anyBytes(...files: fc.Arbitrary<Uint8Array>[]): fc.Arbitrary<Uint8Array> {
  return fc.oneof(fc.uint8Array({ maxLength: 400 }), ...files.flatMap((file) => [file, file]));
}

/** The value that `read` gives; null if it throws an `AfterimageError`. Any other error fails the test. */
export async function valueOrOurs<T>(read: () => T | Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    expect(error).toBeInstanceOf(AfterimageError);
    return null;
  }
}
