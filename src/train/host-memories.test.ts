import { describe, expect, it } from "vitest";
import { rowsOf } from "../../test/support/rows.ts";
import { uniform, zeros } from "../nn/initializers.ts";
import type { Bank, Memory, Queue } from "../objectives/memory.ts";
import { HostMemories, initialMemories, memoryShapes } from "./host-memories.ts";

const [PICTURES, WIDTH] = [6, 2];
const queueOf = (rows: number): Queue => ({
  kind: "queue",
  name: "keys",
  width: WIDTH,
  rows,
  initial: zeros,
});
const bankOf = (pool: number | null): Bank => ({
  kind: "bank",
  name: "bank",
  width: WIDTH,
  pool,
  initial: zeros,
});

/** Row r of a table is [10r, 10r + 1]: the first elements show which rows were picked. */
const numbered = (rows: number) =>
  Float32Array.from({ length: rows * WIDTH }, (_, i) => 10 * Math.floor(i / WIDTH) + (i % WIDTH));

/** The memories of a run, and the values that contain them. */
function held(memory: Memory, { seed = 5, pictures = PICTURES } = {}) {
  const rows = numbered(memory.kind === "queue" ? memory.rows : pictures);
  const values = new Map([[`memory.${memory.name}`, rows]]);
  return { rows, memories: new HostMemories(seed, [memory], pictures, values) };
}

/** Rows as a step writes them, all elements of row k of step t being 100·(t + 1) + k. */
const written = (step: number, count: number) =>
  Float32Array.from({ length: count * WIDTH }, (_, i) => 100 * (step + 1) + Math.floor(i / WIDTH));
const heads = (rows: Float32Array) => rowsOf(rows, WIDTH).map((row) => row[0]);
const NOBODY = new Int32Array(0);

describe("a queue", () => {
  it("takes the newest rows for the oldest, from its end to its beginning within one step", () => {
    const { rows, memories } = held(queueOf(5));
    const after = [0, 1, 2].map((step) => {
      memories.write({ "write:keys": written(step, 3) }, NOBODY, step);
      return heads(rows);
    });
    expect(after).toEqual([
      [100, 101, 102, 30, 40],
      [202, 101, 102, 200, 201], // rows 3, 4 and then 0
      [202, 300, 301, 302, 201],
    ]);
  });

  it("is the last rows of all that were written, however they divide into it", () => {
    for (const [size, count] of [
      [4, 4],
      [6, 4],
      [7, 3],
      [8, 2],
      [5, 1],
    ] as const) {
      const { rows, memories } = held(queueOf(size));
      const everything: number[] = [];
      for (let step = 0; step < 9; step++) {
        memories.write({ "write:keys": written(step, count) }, NOBODY, step);
        everything.push(...heads(written(step, count)).map(Number));
      }
      expect(
        heads(rows)
          .map(Number)
          .sort((a, b) => a - b),
        `${count} into ${size}`,
      ).toEqual(everything.slice(-size));
    }
  });

  it("stands after a pause where it stood before: its place is told by the step alone", () => {
    const [whole, resumed] = [held(queueOf(5)), held(queueOf(5))];
    for (const step of [0, 1, 2, 3]) whole.memories.write({ "write:keys": written(step, 3) }, NOBODY, step);
    for (const step of [0, 1]) resumed.memories.write({ "write:keys": written(step, 3) }, NOBODY, step);
    const values = new Map([["memory.keys", resumed.rows]]);
    const later = new HostMemories(5, [queueOf(5)], PICTURES, values);
    for (const step of [2, 3]) later.write({ "write:keys": written(step, 3) }, NOBODY, step);
    expect(resumed.rows).toEqual(whole.rows);
  });

  it("keeps rows whole, in their order", () => {
    const { rows, memories } = held(queueOf(3));
    memories.write({ "write:keys": Float32Array.of(1, 2, 3, 4) }, NOBODY, 1);
    expect([...rows]).toEqual([3, 4, 10, 11, 1, 2]);
  });

  it("is seen by a step as it is, without feeds of its own", () => {
    expect(held(queueOf(5)).memories.feeds(Int32Array.of(1, 2), 0)).toEqual({});
  });
});

describe("a bank", () => {
  it("takes the row of each picture of a step, and leaves all others", () => {
    const { rows, memories } = held(bankOf(null));
    memories.write({ "write:bank": written(0, 3) }, Int32Array.of(4, 0, 3), 7);
    expect(heads(rows)).toEqual([101, 10, 20, 102, 100, 50]);
  });

  it("shows a step the rows of its pictures in their order, as they were before", () => {
    const { memories } = held(bankOf(null));
    const indices = Int32Array.of(4, 0, 4);
    const feeds = memories.feeds(indices, 0);
    expect([...(feeds["own:bank"] as Float32Array)]).toEqual([40, 41, 0, 1, 40, 41]);
    memories.write({ "write:bank": written(0, 3) }, indices, 0);
    expect([...(feeds["own:bank"] as Float32Array)]).toEqual([40, 41, 0, 1, 40, 41]); // a copy
    expect(heads(memories.feeds(Int32Array.of(0), 1)["own:bank"] as Float32Array)).toEqual([101]);
  });

  it.each([null, PICTURES, PICTURES + 1])(
    "all of whose rows are seen tells where its pictures are: pool %s",
    (pool) => {
      const indices = Int32Array.of(4, 0);
      const feeds = held(bankOf(pool)).memories.feeds(indices, 0);
      expect(Object.keys(feeds).sort()).toEqual(["own:bank", "places:bank"]);
      expect(feeds["places:bank"]).toEqual(indices);
    },
  );

  it("with a pool shows whole rows of it, others at every step, the same whenever the step is asked for", () => {
    const drawn = (step: number, seed = 5) => {
      const feeds = held(bankOf(5), { seed }).memories.feeds(Int32Array.of(1), step);
      expect(Object.keys(feeds).sort()).toEqual(["own:bank", "pool:bank"]);
      return feeds["pool:bank"] as Float32Array;
    };
    for (const [first, second] of rowsOf(drawn(3), WIDTH)) expect(second).toBe(first! + 1);
    expect(heads(drawn(3))).toHaveLength(5);
    expect(drawn(3)).toEqual(drawn(3));
    expect(drawn(4)).not.toEqual(drawn(3));
    expect(drawn(3, 6)).not.toEqual(drawn(3));
  });

  it("draws its pool from all pictures alike, with repetition", () => {
    const { memories } = held(bankOf(5));
    const counts = new Array<number>(PICTURES).fill(0);
    let repeats = 0;
    const steps = 1200;
    for (let step = 0; step < steps; step++) {
      const rows = heads(memories.feeds(NOBODY, step)["pool:bank"] as Float32Array);
      for (const head of rows) counts[head! / 10]!++;
      if (new Set(rows).size < rows.length) repeats++;
    }
    // 6000 draws: 1000 of each, with a deviation of 29; 1 - 6·5·4·3·2/6⁵ = .907 of the steps have a row
    // twice.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(5 * 29);
    expect(repeats / steps).toBeCloseTo(0.907, 1);
  });
});

it("memories stay as they are where a step wrote nothing to them", () => {
  for (const memory of [queueOf(5), bankOf(null)]) {
    const { rows, memories } = held(memory);
    const before = rows.slice();
    memories.write({ loss: Float32Array.of(1) }, Int32Array.of(0, 1), 0);
    expect(rows).toEqual(before);
  }
});

describe("the first rows", () => {
  const noise = uniform(1);
  const two: Memory[] = [
    { ...queueOf(4), initial: noise },
    { ...bankOf(null), initial: noise },
  ];

  it("have the queue's own number, or one for each picture", () => {
    const shapes = memoryShapes(two, PICTURES);
    expect([...shapes]).toEqual([
      ["memory.keys", [4, WIDTH]],
      ["memory.bank", [PICTURES, WIDTH]],
    ]);
    const values = initialMemories(two, PICTURES, 1);
    expect([...values].map(([path, rows]) => [path, rows.length / WIDTH])).toEqual([
      ["memory.keys", 4],
      ["memory.bank", PICTURES],
    ]);
    expect(new HostMemories(1, two, PICTURES, values).shapes).toEqual(shapes);
  });

  it("come from the seed and the memory's name, whatever other memories there are", () => {
    const both = initialMemories(two, PICTURES, 1);
    const alone = initialMemories(two.slice(1), PICTURES, 1);
    expect(alone.get("memory.bank")).toEqual(both.get("memory.bank"));
    expect(both.get("memory.bank")!.slice(0, 8)).not.toEqual(both.get("memory.keys"));
    expect(initialMemories(two, PICTURES, 2).get("memory.keys")).not.toEqual(both.get("memory.keys"));
  });
});
