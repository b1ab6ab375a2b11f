import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { damaged } from "../../../test/support/damaged.ts";
import { AfterimageError } from "../../errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../../formats/safetensors.ts";
import { type CacheIndex, decodeCacheIndex, encodeCacheIndex } from "./cache-index.ts";
import { formatLine, type JournalLine, parseJournal } from "./cache-journal.ts";

const HASH = "00112233445566778899aabbccddeeff";
const INDEX: CacheIndex = {
  canvas: 8,
  mode: "raw",
  entries: Int32Array.of(0, 2, 5),
  names: ["a.png", "ordner/größe\n.png", "c"],
  heights: Int32Array.of(8, 3, 1),
  widths: Int32Array.of(2, 8, 1),
  lengths: Int32Array.of(192, 192, 192),
  fingerprint: "f00d",
  skipped: [{ path: "b.png", reason: "broken" }],
  findings: { oneColour: { count: 2, names: ["a.png", "c"] } },
  traits: [
    { span: 0, backdrop: null, cropped: false, scaling: null },
    { span: 255, backdrop: "white", cropped: true, scaling: "own-range" },
    { span: 7, backdrop: "black", cropped: false, scaling: "fewer-bits" },
  ],
  hashes: [HASH, null, HASH, HASH],
  stamps: [
    [1, 1.5],
    [2 ** 53, 1.7e12],
    [0, 0],
    [9, -1],
  ],
};
const PLAN = { canvas: 8, mode: "raw" } as const;
const MADE = { hash: HASH, recordHash: "abc" };
const LINES: JournalLine[] = [
  { height: 8, width: 2, bytes: 192, crc: 0xffffffff, ...MADE, span: 255 },
  { skip: "not a picture", hash: HASH },
  { skip: "the disk reports an error" },
  {
    ...{ height: 1, width: 8, bytes: 192, crc: 0, ...MADE },
    ...{ span: 3, backdrop: "black", cropped: true, scaling: "own-range" },
  },
];
const journal = (lines: JournalLine[] = LINES) => new TextEncoder().encode(lines.map(formatLine).join(""));

describe("the index of a cache", () => {
  test("comes back as it was", () => {
    expect(decodeCacheIndex(encodeCacheIndex(INDEX))).toEqual(INDEX);
    const encoded: CacheIndex = { ...INDEX, mode: "encoded", lengths: Int32Array.of(9, 70_000, 1) };
    expect(decodeCacheIndex(encodeCacheIndex(encoded))).toEqual(encoded);
  });

  test.each<[string, Partial<CacheIndex>]>([
    ["a rectangle larger than the canvas", { heights: Int32Array.of(9, 3, 1) }],
    ["an empty rectangle", { widths: Int32Array.of(0, 8, 1) }],
    ["entries that do not rise", { entries: Int32Array.of(0, 2, 2) }],
    ["a negative entry", { entries: Int32Array.of(-1, 2, 3) }],
    ["a name too few", { names: ["a", "b"] }],
    ["a raw record of another length", { lengths: Int32Array.of(192, 191, 192) }],
    ["an empty encoded record", { mode: "encoded", lengths: Int32Array.of(0, 5, 5) }],
    ["traits of a picture too many", { traits: [...INDEX.traits, INDEX.traits[0]!] }],
    ["a hash too few", { hashes: [HASH, HASH, null] }],
    ["a stamp too many", { stamps: [...INDEX.stamps, [1, 1]] }],
    ["no canvas", { canvas: 0 }],
    ["another mode", { mode: "other" as "raw" }],
    ["findings that are none", { findings: { oneColour: { count: 1.5, names: [] } } }],
    ["findings of another name", { findings: { other: { count: 1, names: [] } } as never }],
    ["skips that are no skips", { skipped: [{ path: 3 } as never] }],
  ])("with %s is refused", (_, change) => {
    expect(() => decodeCacheIndex(encodeCacheIndex({ ...INDEX, ...change }))).toThrow(AfterimageError);
  });

  test("without a column, or with one of another type, is refused", () => {
    for (const name of [
      "entries",
      "heights",
      "widths",
      "lengths",
      "names",
      "traits",
      "hashes",
      "read",
      "stamps",
    ]) {
      const { arrays, metadata } = decodeSafetensors(encodeCacheIndex(INDEX));
      arrays.set(name, { dtype: "F32", shape: [3], data: new Float32Array(3) });
      expect(() => decodeCacheIndex(encodeSafetensors(arrays, metadata))).toThrow(name);
      arrays.delete(name);
      expect(() => decodeCacheIndex(encodeSafetensors(arrays, metadata))).toThrow(name);
    }
  });

  test("of another version is refused", () => {
    const { arrays, metadata } = decodeSafetensors(encodeCacheIndex(INDEX));
    const older = { index: metadata.index!.replace(/"version":\d+/, '"version":0') };
    expect(() => decodeCacheIndex(encodeSafetensors(arrays, older))).toThrow(/format/);
    expect(() => decodeCacheIndex(encodeSafetensors(arrays, {}))).toThrow(AfterimageError);
  });

  test("of any bytes, or any header, gives a value or an AfterimageError", () => {
    const holds = (bytes: Uint8Array) => {
      try {
        decodeCacheIndex(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(AfterimageError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), holds));
    fc.assert(fc.property(damaged(encodeCacheIndex(INDEX)), holds), { numRuns: 1000 });
    const { arrays } = decodeSafetensors(encodeCacheIndex(INDEX));
    fc.assert(fc.property(fc.json(), (index) => holds(encodeSafetensors(arrays, { index }))));
  });
});

describe("the journal of a cache", () => {
  test("comes back with the place where each line ends", () => {
    const { lines, ends } = parseJournal(journal(), PLAN);
    expect(lines).toEqual(LINES);
    expect(ends).toEqual([1, 2, 3, 4].map((count) => journal(LINES.slice(0, count)).length));
  });

  test("cut at any byte gives the lines that are whole", () => {
    const bytes = journal();
    const { ends } = parseJournal(bytes, PLAN);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const whole = ends.filter((end) => end <= cut).length;
      expect(parseJournal(bytes.subarray(0, cut), PLAN).lines).toEqual(LINES.slice(0, whole));
    }
  });

  test.each<[string, string]>([
    ["a line that is not JSON", "{oops}\n"],
    ["a line of another form", '{"height":1}\n'],
    ["a line with something more", '{"skip":"x","more":1}\n'],
    [
      "a record of another length",
      '{"height":1,"width":1,"bytes":100,"crc":1,"hash":"00112233445566778899aabbccddeeff","recordHash":"a","span":1}\n',
    ],
    [
      "a rectangle larger than the canvas",
      '{"height":9,"width":1,"bytes":192,"crc":1,"hash":"00112233445566778899aabbccddeeff","recordHash":"a","span":1}\n',
    ],
    [
      "a record without the hash of its file",
      '{"height":1,"width":1,"bytes":192,"crc":1,"recordHash":"a","span":1}\n',
    ],
    ["an empty line", "\n"],
  ])("ends before %s", (_, line) => {
    const text = new TextEncoder().encode(line);
    const { lines } = parseJournal(Uint8Array.of(...journal(), ...text, ...journal()), PLAN);
    expect(lines).toEqual(LINES);
  });

  test("of any bytes is read without an error", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), damaged(journal())), (bytes) => {
        const { lines, ends } = parseJournal(bytes, PLAN);
        expect(ends).toHaveLength(lines.length);
      }),
      { numRuns: 500 },
    );
  });
});
