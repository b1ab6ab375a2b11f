import { describe, expect, it } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import { relativeError } from "../../test/support/probe.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { adamw } from "../optim/adamw.ts";
import type { OptimizerRule } from "../optim/optimizer.ts";
import { sgd } from "../optim/sgd.ts";
import { gather, input, mean, square, sub } from "../tensor/index.ts";
import { Learner } from "../train/learner.ts";
import { SparseRows } from "./sparse-rows.ts";

const [N, D, M] = [30, 3, 6];
const first = deterministic("sparse-rows.table", N * D);
const wanted = deterministic("sparse-rows.wanted", M * D);
/** Rows of four steps: some come twice in a step, some in several steps. */
const steps = [
  [0, 3, 3, 29, 7, 0],
  [3, 3, 3, 3, 3, 3],
  [12, 0, 7, 8, 9, 10],
  [29, 28, 0, 1, 2, 3],
].map((rows) => Int32Array.from(rows));

function learnerOf(rows: number, optimizer: OptimizerRule): Promise<Learner> {
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const table = scope.parameter("table", [rows, D], () => first.slice(0, rows * D));
  const picked = gather(table, input("places", [M], "int32"));
  const loss = mean(square(sub(picked, input("wanted", [M, D]))));
  return Learner.create({ variables, loss, optimizer, learningRate: 0.3 });
}

async function sparse(optimizer: OptimizerRule): Promise<{ table: Float32Array; sparse: SparseRows }> {
  const learner = await learnerOf(M, optimizer);
  const rows = new SparseRows({ path: "table", width: D, capacity: M, table: first.slice(), optimizer });
  for (const indices of steps) {
    const [places] = rows.load([indices], learner.values);
    await learner.step({ places: places!, wanted });
    rows.store(learner.values);
  }
  await learner.release();
  return { table: rows.tables.get("table")!, sparse: rows };
}

describe("a table of which each step learns some rows", () => {
  it("becomes what the whole table in the graph becomes, by plain descent", async () => {
    const optimizer = sgd({ momentum: 0 });
    const learner = await learnerOf(N, optimizer);
    for (const places of steps) await learner.step({ places, wanted });
    await learner.release();
    const { table } = await sparse(optimizer);
    expect(relativeError(table, learner.values.get("table")!)).toBeLessThan(1e-6);
    expect(table).not.toEqual(first);
  });

  it("leaves rows that no step used, and their slots, to the bit", async () => {
    const { table, sparse: rows } = await sparse(adamw());
    const used = new Set(steps.flatMap((each) => [...each]));
    const of = (data: Float32Array, row: number) => data.subarray(row * D, (row + 1) * D);
    const means = rows.tables.get("optimizer.mean/table")!;
    expect([...rows.tables.keys()]).toEqual(["table", "optimizer.mean/table", "optimizer.meanSquare/table"]);
    for (let row = 0; row < N; row++) {
      expect(of(table, row).every((value, d) => value === of(first, row)[d])).toBe(!used.has(row));
      expect(of(means, row).every((value) => value === 0)).toBe(!used.has(row));
    }
  });

  it("gives a row its slots back when it is used again: Adam's mean is that of its own gradients", async () => {
    const optimizer = adamw();
    const learner = await learnerOf(M, optimizer);
    const rows = new SparseRows({ path: "table", width: D, capacity: M, table: first.slice(), optimizer });
    const mean = () => rows.tables.get("optimizer.mean/table")!.slice(12 * D, 13 * D);
    const run = async (indices: number[]) => {
      const [places] = rows.load([Int32Array.from(indices)], learner.values);
      await learner.step({ places: places!, wanted });
      rows.store(learner.values);
    };
    await run([12, 1, 2, 3, 4, 5]);
    const once = mean();
    await run([6, 7, 8, 9, 10, 11]);
    expect(mean()).toEqual(once);
    await run([12, 6, 7, 8, 9, 10]);
    // The gradient of the second time is near that of the first: m becomes 0.9·m + 0.1·g.
    expect(
      relativeError(
        mean(),
        once.map((value) => 1.9 * value),
      ),
    ).toBeLessThan(0.5);
    expect(mean()).not.toEqual(once);
    await learner.release();
  });

  it("refuses more different rows than the parameter has", () => {
    const rows = new SparseRows({
      path: "table",
      width: D,
      capacity: 2,
      table: first.slice(),
      optimizer: sgd({ momentum: 0 }),
    });
    const values = new Map([["table", new Float32Array(2 * D)]]);
    expect([...rows.load([Int32Array.of(5, 9, 5)], values)[0]!]).toEqual([0, 1, 0]);
    expect(() => rows.load([Int32Array.of(1, 2), Int32Array.of(3)], values)).toThrow(
      "a step uses more rows of a table than it has room for (table); expected at most 2 different rows",
    );
  });
});
