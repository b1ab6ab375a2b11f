import { describe, expect, test } from "vitest";
import { AfterimageError } from "../errors.ts";
import { cifarKindOf, decodeCifar } from "./cifar.ts";

/** Records whose pixels are numbered by record and byte. */
function records(labels: number[][]): Uint8Array {
  const pixels = (record: number) => Array.from({ length: 3072 }, (_, i) => (record * 101 + i) % 256);
  return Uint8Array.from(labels.flatMap((label, record) => [...label, ...pixels(record)]));
}

describe("cifar", () => {
  test("CIFAR-10 records become labels and planar pictures", () => {
    const { pixels, labels, coarseLabels } = decodeCifar(records([[3], [9]]), "cifar10");
    expect(labels).toEqual(Uint8Array.of(3, 9));
    expect(coarseLabels).toBeNull();
    expect(pixels).toHaveLength(2 * 3072);
    expect(pixels[3072 + 1024 + 32]).toBe((101 + 1024 + 32) % 256); // picture 1, green, row 1, column 0
  });

  test("CIFAR-100 records give the fine label, and the coarse one beside it", () => {
    const { labels, coarseLabels } = decodeCifar(
      records([
        [4, 99],
        [19, 0],
      ]),
      "cifar100",
    );
    expect(labels).toEqual(Uint8Array.of(99, 0));
    expect(coarseLabels).toEqual(Uint8Array.of(4, 19));
  });

  test.each([
    ["nothing", new Uint8Array(), "cifar10"],
    ["a record cut short", records([[1]]).subarray(0, 3000), "cifar10"],
    ["bytes left over", Uint8Array.of(...records([[1]]), 0, 0), "cifar10"],
    ["a label that is no class", records([[10]]), "cifar10"],
    ["a coarse label that is no class", records([[20, 5]]), "cifar100"],
    ["a fine label that is no class", records([[5, 100]]), "cifar100"],
  ] as const)("%s is refused", (_, bytes, kind) => {
    expect(() => decodeCifar(bytes, kind)).toThrow(AfterimageError);
  });

  test("the kind follows from the length", () => {
    expect(cifarKindOf(30_730_000)).toBe("cifar10");
    expect(cifarKindOf(153_700_000)).toBe("cifar100"); // train.bin
    expect(cifarKindOf(30_740_000)).toBe("cifar100"); // test.bin
    expect(cifarKindOf(12_345)).toBeNull();
    expect(cifarKindOf(0)).toBeNull();
  });
});
