import { describe, expect, test } from "vitest";
import { orderedWindow } from "./ordered-window.ts";

const limits = { count: 3, weight: 100, weightOf: () => 1 };
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("orderedWindow", () => {
  test("gives results in order, however long each takes", async () => {
    const results: number[] = [];
    const work = async (item: number) => {
      await wait((item * 7) % 5);
      return item * 2;
    };
    for await (const result of orderedWindow([0, 1, 2, 3, 4, 5, 6], limits, work)) results.push(result);
    expect(results).toEqual([0, 2, 4, 6, 8, 10, 12]);
  });

  test.each([
    ["as many as the count allows", { count: 3, weight: 100, weightOf: () => 1 }, 3],
    ["as many as the weight allows", { count: 9, weight: 20, weightOf: () => 10 }, 2],
    ["one that is heavier than allowed, alone", { count: 9, weight: 5, weightOf: () => 10 }, 1],
  ])("works on %s at once", async (_, bounds, most) => {
    let under = 0;
    let peak = 0;
    const work = async () => {
      peak = Math.max(peak, ++under);
      await wait(1);
      under--;
    };
    for await (const _result of orderedWindow(Array.from({ length: 12 }), bounds, work));
    expect(peak).toBe(most);
  });

  test("tells a failure in its turn, and ends when nothing is under way any more", async () => {
    const seen: number[] = [];
    let under = 0;
    const work = async (item: number) => {
      under++;
      await wait(3 - item);
      under--;
      if (item === 1) throw new Error("no");
      return item;
    };
    const run = (async () => {
      for await (const result of orderedWindow([0, 1, 2, 3], limits, work)) seen.push(result);
    })();
    await expect(run).rejects.toThrow("no");
    expect([seen, under]).toEqual([[0], 0]);
  });

  test("waits for what is under way when the caller stops", async () => {
    let under = 0;
    const work = async () => {
      under++;
      await wait(3);
      under--;
    };
    for await (const _result of orderedWindow([0, 1, 2, 3], limits, work)) break;
    expect(under).toBe(0);
  });
});
