import { describe, expect, test } from "vitest";
import { deterministic, deterministicWeight } from "../../test/support/deterministic.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, gradients, input, sliceAxis, sum } from "../tensor/index.ts";
import { rowContext } from "./row-context.ts";
import { Scope } from "./scope.ts";
import { Variables } from "./variables.ts";

const [D, ROWS, COLUMNS] = [3, 5, 4];

/** Which rows of the grid the context of row `row` depends on. */
async function rowsSeen(row: number, layers: number): Promise<number[]> {
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const grid = input("grid", [1, D, ROWS, COLUMNS]);
  const context = rowContext(scope, grid, { layers, width: 6 });
  const [by] = gradients(sum(sliceAxis(context, 2, row, row + 1)), [grid]);
  const weights = variables.all.map(({ path, shape }) => [path, deterministicWeight(path, shape)]);
  const fed = { grid: deterministic("grid", grid.size), ...Object.fromEntries(weights) };
  const { by: values } = await runOnce(compile({ by: by! }), fed);
  const gradient = Array.from(values as Float32Array);
  const moves = (seen: number) =>
    gradient.some((value, at) => Math.floor(at / COLUMNS) % ROWS === seen && value !== 0);
  return Array.from({ length: ROWS }, (_, seen) => seen).filter(moves);
}

describe("rowContext", () => {
  test.each([
    [1, 0, [0]],
    [1, 3, [2, 3]],
    [2, 3, [1, 2, 3]],
    [4, 3, [0, 1, 2, 3]],
  ])("with %i blocks knows at row %i of the rows %j, and of nothing below", async (layers, row, seen) => {
    expect(await rowsSeen(row, layers)).toEqual(seen);
  });
});
