import { describe, expect, test } from "vitest";
import { ordersOf as orders } from "../../test/support/orders.ts";
import { majorityShare, retrievalChance } from "./chance.ts";

describe("majorityShare", () => {
  test("is the accuracy of the training rows' most frequent class on the test rows", () => {
    expect(majorityShare([1, 1, 0], [0, 0, 0, 1])).toBe(0.25);
    expect(majorityShare([3, 3, 2], [2])).toBe(0);
    expect(majorityShare([3, 3, 0], [3])).toBe(1);
  });

  test("refuses to speak of nothing", () => {
    expect(() => majorityShare([], [1])).toThrow("most frequent class cannot be found");
    expect(() => majorityShare([1], [])).toThrow("most frequent class cannot be found");
  });
});

describe("retrievalChance", () => {
  test("is the mean over all orders of all queries", () => {
    const labels = [0, 0, 0, 1, 1, 2];
    const perQuery = labels.flatMap((label, query) => {
      const others = labels.filter((_, row) => row !== query);
      if (!others.includes(label)) return [];
      const ranked = orders(others.map((other) => other === label));
      const mean = (score: (order: boolean[]) => number) =>
        ranked.reduce((sum, order) => sum + score(order), 0) / ranked.length;
      const precision = (order: boolean[]) => {
        const places = order.flatMap((relevant, i) => (relevant ? [i + 1] : []));
        return places.reduce((sum, place, n) => sum + (n + 1) / place, 0) / places.length;
      };
      return [
        { at1: mean((o) => (o[0] ? 1 : 0)), at2: mean((o) => (o[0] || o[1] ? 1 : 0)), ap: mean(precision) },
      ];
    });
    const mean = (key: "at1" | "at2" | "ap") =>
      perQuery.reduce((sum, one) => sum + one[key], 0) / perQuery.length;
    const { recall, meanAveragePrecision } = retrievalChance(labels, [1, 2, 9]);
    expect(recall.get(1)).toBeCloseTo(mean("at1"), 12);
    expect(recall.get(2)).toBeCloseTo(mean("at2"), 12);
    expect(recall.get(9)).toBe(1);
    expect(meanAveragePrecision).toBeCloseTo(mean("ap"), 12);
  });

  test("refuses labels of which no two are the same, and an impossible k", () => {
    expect(() => retrievalChance([1, 2, 3], [1])).toThrow("nothing to find");
    expect(() => retrievalChance([1, 1], [0])).toThrow("k of recall@k");
  });

  test("is certain where there is only the one to find", () => {
    expect(retrievalChance([4, 4], [1])).toEqual({ recall: new Map([[1, 1]]), meanAveragePrecision: 1 });
  });
});
