import { describe, expect, it } from "vitest";
import { type AskedParts, batchSizeFor, microBatchFor } from "./batch-size.ts";
import { checkChoices } from "./configure.ts";

describe("microBatchFor", () => {
  it.each<[string, AskedParts, number]>([
    ["nothing", {}, 16],
    ["a part of the default", { microBatch: 8 }, 8],
    ["more than the default", { microBatch: 64 }, 16],
    ["a divisor of a batch that is given", { microBatch: 5, batchSize: 15 }, 5],
  ])("takes %s", (_, asked, parts) => {
    expect(microBatchFor(asked, asked.batchSize ?? 16)).toBe(parts);
  });

  it.each([
    [
      "no divisor of a batch that is given",
      { microBatch: 64, batchSize: 32 },
      /divisor of the batch size 32/,
    ],
    ["one picture", { microBatch: 1 }, /divisor of the batch size 32, 2 or more; got 1/],
    ["a fraction", { microBatch: 2.5 }, /2 or more; got 2.5/],
  ])("refuses %s", (_, asked, message) => {
    expect(() => microBatchFor(asked, 32)).toThrow(message);
  });

  it("names no batch size but the default, before pictures are read and after", () => {
    const message = /power of two, as the default batch size is.*`batchSize: 129, microBatch: 3`/;
    expect(() => checkChoices({ microBatch: 3 })).toThrow(message);
    expect(() => microBatchFor({ microBatch: 3 }, 16)).toThrow(message);
    expect(() => microBatchFor({ microBatch: 300 }, 16)).toThrow(/`batchSize: 300, microBatch: 300`/);
  });

  it("has a default batch that every power of two divides or holds", () => {
    for (let pictures = 2; pictures < 700; pictures++) {
      const batch = batchSizeFor(undefined, pictures);
      expect(batch % microBatchFor({ microBatch: 4 }, batch)).toBe(0);
    }
  });
});
