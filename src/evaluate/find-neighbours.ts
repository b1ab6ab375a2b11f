import type { Matrix } from "../formats/matrix.ts";
import { requireFeatures } from "./checks.ts";
import { inRange } from "./in-range.ts";
import { distance } from "./measure-distances.ts";
import { nearest } from "./nearest.ts";
import { pickRows } from "./pick-rows.ts";
import type { Metric } from "./score-graph.ts";
import { scoreRows } from "./score-rows.ts";
import { centredSquares, neighbourWidth, type TieWidth, tieWidths } from "./tie-width.ts";
import { type EqualNeighbours, groupEquals } from "./vote.ts";

/** Neighbours searched beyond the last place, so that a few equals there do not need a second search. */
const SPARE = 8;
/** The distance, in tie widths, that equal scores of two searches may have. */
const ROUNDINGS = 8;

export interface FindNeighboursOptions {
  bank: Matrix;
  bankLabels: ArrayLike<number>;
  queries: Matrix;
  /**
   * The number of neighbours wanted, at most the number of bank rows. All rows equal to the last are returned
   * too.
   */
  places: number;
  metric: Metric;
  excludeSelf?: boolean;
  threads?: number;
  chunk?: number;
}

/** Receives the neighbours of a query in groups of equals, nearest first, at least `places` neighbours. */
export type VisitNeighbours = (query: number, groups: readonly EqualNeighbours[]) => void;

/**
 * Finds the nearest rows of the bank for every query, and all rows that equal the last of them
 * (`neighbourWidth`). If a query has more equals than {@link nearest} returned, it is compared with the whole
 * bank again.
 */
export async function findNeighbours(options: FindNeighboursOptions, visit: VisitNeighbours): Promise<void> {
  requireFeatures("the queries", options.queries);
  if (options.bank !== options.queries) requireFeatures("the bank", options.bank);
  const { queries, gallery: bank } = inRange(options.queries, options.bank, options.metric);
  const search = { ...options, queries, bank };
  const open = await searchFew(search, visit);
  if (open.rows.length > 0) await searchAll(search, open, visit);
}

/** Queries whose last group may have more members, and the score of the last neighbour wanted. */
interface Open {
  rows: number[];
  scores: number[];
}

async function searchFew(options: FindNeighboursOptions, visit: VisitNeighbours): Promise<Open> {
  const { bank, bankLabels, queries, places, metric, excludeSelf = false, threads, chunk } = options;
  const limit = bank.rows - (excludeSelf ? 1 : 0);
  const k = Math.min(places + SPARE, limit);
  const asked = { queries, gallery: bank, k, metric, excludeSelf };
  const rest = { ...(threads !== undefined && { threads }), ...(chunk !== undefined && { chunk }) };
  const { indices, scores } = await nearest({ ...asked, ...rest });
  const sign = metric === "cosine" ? 1 : -1; // the larger, the nearer
  const open: Open = { rows: [], scores: [] };
  for (let query = 0; query < queries.rows; query++) {
    const own = Array.from(scores.subarray(query * k, (query + 1) * k), (score) => sign * score);
    const labels = Array.from(indices.subarray(query * k, (query + 1) * k), (row) => bankLabels[row]!);
    const groups = groupEquals(own, labels, neighbourWidth(metric));
    if (k === limit || k - groups.at(-1)!.labels.length >= places) visit(query, groups);
    else {
      open.rows.push(query);
      open.scores.push(own[places - 1]!);
    }
  }
  return open;
}

async function searchAll(options: FindNeighboursOptions, open: Open, visit: VisitNeighbours): Promise<void> {
  const { bank, bankLabels, queries, places, metric, excludeSelf = false, threads = 0 } = options;
  const asked = { queries: pickRows(queries, open.rows), gallery: bank, metric, threads };
  const floor = floorOf(asked);
  await scoreRows(asked, (at, scores) => {
    const query = open.rows[at]!;
    const least = floor(at, open.scores[at]!);
    const candidates: Candidate[] = [];
    for (let row = 0; row < scores.length; row++) {
      if (!(scores[row]! >= least) || (excludeSelf && row === query)) continue;
      const score = metric === "cosine" ? scores[row]! : -distance(queries, query, bank, row);
      candidates.push({ score, label: bankLabels[row]! });
    }
    visit(query, takeGroups(candidates, places, neighbourWidth(metric)));
  });
}

/**
 * A lower bound on the {@link scoreRows} scores of rows as near as a neighbour with this `score`, with
 * rounding included.
 */
function floorOf({ queries, gallery, metric }: { queries: Matrix; gallery: Matrix; metric: Metric }) {
  const widths = tieWidths(queries, gallery, metric);
  const squares = metric === "cosine" ? null : centredSquares(queries, gallery);
  return (query: number, score: number) => {
    const own = squares === null ? score : (squares(query) - score * score) / 2;
    return own - ROUNDINGS * widths(query)(own);
  };
}

interface Candidate {
  score: number;
  label: number;
}

/** Groups of equals, best first, until they hold `places` rows. The candidates need no order. */
function takeGroups(candidates: readonly Candidate[], places: number, width: TieWidth): EqualNeighbours[] {
  const groups: EqualNeighbours[] = [];
  for (let [left, rest] = [places, candidates]; left > 0 && rest.length > 0; ) {
    const score = rest.reduce((best, row) => Math.max(best, row.score), Number.NEGATIVE_INFINITY);
    const least = score - width(score);
    const own = rest.filter((row) => row.score >= least);
    groups.push({ score, labels: own.map(({ label }) => label) });
    rest = rest.filter((row) => row.score < least);
    left -= own.length;
  }
  return groups;
}
