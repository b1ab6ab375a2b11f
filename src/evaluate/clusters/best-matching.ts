import { type JointTable, sumsOf } from "./contingency-table.ts";

/**
 * Pairs rows with columns, each with at most one, so that the sum of the weights of all pairs is as large as
 * possible (the assignment problem). If there are more rows than columns, some rows have none.
 *
 * By shortest augmenting paths with potentials, O(min² · max) for the smaller and the larger side. As scipy's
 * `linear_sum_assignment(maximize=True)`; of several best pairings it may give another one.
 *
 * Source: Kuhn 1955, "The Hungarian method for the assignment problem"; Jonker and Volgenant 1987, "A
 * shortest augmenting path algorithm for dense and sparse linear assignment problems".
 *
 * @returns the column of each row, or -1.
 * @throws AfterimageError as `mutualInformation`.
 */
export function bestMatching(table: JointTable): Int32Array {
  sumsOf(table);
  const { rows, cols, data } = table;
  const colOf = new Int32Array(rows).fill(-1);
  if (rows <= cols) {
    const rowOf = pairAll(rows, cols, (row, col) => -data[row * cols + col]!);
    for (const [col, row] of rowOf.entries()) if (row !== -1) colOf[row] = col;
    return colOf;
  }
  colOf.set(pairAll(cols, rows, (col, row) => -data[row * cols + col]!));
  return colOf;
}

type Cost = (from: number, to: number) => number;

/** Prices that keep every reduced cost, cost - price of both ends, at 0 or more, and at 0 for pairs. */
interface Prices {
  from: Float64Array;
  to: Float64Array;
}

/** Pairs every `from` with a `to` at the lowest cost; gives the `from` of each `to`, or -1. */
function pairAll(froms: number, tos: number, cost: Cost): Int32Array {
  const fromOf = new Int32Array(tos).fill(-1);
  const prices = { from: new Float64Array(froms), to: new Float64Array(tos) };
  for (let from = 0; from < froms; from++) pairOneMore(from, fromOf, prices, cost);
  return fromOf;
}

/**
 * Pairs one more by the shortest path of alternating pairs to a free place (Dijkstra's algorithm over reduced
 * costs), and moves all pairs on the path by one place.
 */
function pairOneMore(start: number, fromOf: Int32Array, prices: Prices, cost: Cost): void {
  const tos = fromOf.length;
  const distance = new Float64Array(tos).fill(Number.POSITIVE_INFINITY);
  const before = new Int32Array(tos).fill(-1); // the place before on the shortest path
  const settled: number[] = [];
  const isSettled = new Uint8Array(tos);
  let [from, length] = [start, 0];
  for (let last = -1; from !== -1; from = fromOf[last]!) {
    let nearest = -1;
    for (let to = 0; to < tos; to++) {
      if (isSettled[to] === 1) continue;
      const through = length + cost(from, to) - prices.from[from]! - prices.to[to]!;
      if (through < distance[to]!) {
        distance[to] = through;
        before[to] = last;
      }
      if (nearest === -1 || distance[to]! < distance[nearest]!) nearest = to;
    }
    length = distance[nearest]!;
    isSettled[nearest] = 1;
    settled.push(nearest);
    last = nearest;
  }
  raisePrices(start, { settled, distance, length }, fromOf, prices);
  shiftPairs(start, settled.at(-1)!, before, fromOf);
}

interface ShortestPaths {
  /** In the order of their distances; the last is the free place. */
  settled: readonly number[];
  distance: Float64Array;
  /** The distance of the free place. */
  length: number;
}

function raisePrices(
  start: number,
  { settled, distance, length }: ShortestPaths,
  fromOf: Int32Array,
  prices: Prices,
): void {
  prices.from[start]! += length;
  for (const to of settled.slice(0, -1)) {
    prices.from[fromOf[to]!]! += length - distance[to]!;
    prices.to[to]! -= length - distance[to]!;
  }
}

function shiftPairs(start: number, free: number, before: Int32Array, fromOf: Int32Array): void {
  for (let to = free; to !== -1; to = before[to]!) {
    const previous = before[to]!;
    fromOf[to] = previous === -1 ? start : fromOf[previous]!;
  }
}
