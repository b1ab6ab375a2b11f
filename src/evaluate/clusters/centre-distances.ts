import type { Matrix } from "../../formats/matrix.ts";
import { createSession, type Feeds, type Session } from "../../runtime/session.ts";
import { affine, argmax, cast, compile, input, max, mul, square, sub, sum } from "../../tensor/index.ts";
import { blockSize, rowBlocks } from "../row-blocks.ts";
import type { ClusterRows } from "./cluster-rows.ts";

/** Scores held at once: 16 MB, unless 64 rows need more. */
const SCORES_HELD = 1 << 22;
const ROWS_PER_RUN = 1 << 14;
/** A squared distance below this share of |x|² is float32's rounding, and counts as 0. */
const ROUNDING = 2 ** -20;

/** Compares all points with a few centres, block by block, by one graph that is loaded once. */
export interface CentreDistances {
  /**
   * The nearest of K centres for each point, and their squared distance. Of equally near centres it is the
   * first. Centres are `[K, D]`, less the mean of all points.
   */
  nearest(centres: Float32Array): Promise<NearestCentres>;
  /** All squared distances, `[N, K]`. */
  all(centres: Float32Array): Promise<Float64Array>;
  release(): Promise<void>;
}

export interface NearestCentres {
  /** `[N]`, from 0 to K - 1. */
  clusters: Int32Array;
  /** `[N]`. */
  distances: Float64Array;
}

/**
 * The graph gives s = x·c - |c|²/2, `[rows, K]`, as one matrix product of points and centres, both less the
 * mean of all points; |x - c|² = |x|² - 2s.
 *
 * @param count K, the number of centres.
 * @param output what the session is for: only its outputs are computed.
 */
export async function centreDistances(
  { points, mean, squares }: ClusterRows,
  { count, threads, output }: { count: number; threads: number; output: "nearest" | "all" },
): Promise<CentreDistances> {
  const size = blockSize(points.rows, Math.min(ROWS_PER_RUN, Math.max(64, SCORES_HELD / count)));
  const session = await createSession(programOf(size, points.cols, count, output), { threads });
  const distance = (row: number, score: number) => {
    const found = squares[row]! - 2 * score;
    return found > ROUNDING * squares[row]! ? found : 0;
  };
  return {
    async nearest(centres) {
      const found = { clusters: new Int32Array(points.rows), distances: new Float64Array(points.rows) };
      await overBlocks(session, points, size, { mean, centres }, ({ cluster, score }, start, rows) => {
        for (let row = 0; row < rows; row++) {
          found.clusters[start + row] = cluster![row] as number;
          found.distances[start + row] = distance(start + row, score![row] as number);
        }
      });
      return found;
    },
    async all(centres) {
      const found = new Float64Array(points.rows * count);
      await overBlocks(session, points, size, { mean, centres }, ({ scores }, start, rows) => {
        for (let row = 0; row < rows; row++) {
          for (let at = row * count; at < (row + 1) * count; at++)
            found[start * count + at] = distance(start + row, scores![at] as number);
        }
      });
      return found;
    },
    release: () => session.release(),
  };
}

function programOf(rows: number, cols: number, count: number, output: "nearest" | "all") {
  const x = sub(input("points", [rows, cols]), input("mean", [1, cols]));
  const c = input("centres", [count, cols]);
  const scores = affine(x, c, mul(sum(square(c), [1]), -0.5)); // [rows, K]
  if (output === "all") return compile({ scores }, { name: "k-means-seeds" });
  const cluster = cast(argmax(scores, 1), "int32"); // [rows]
  return compile({ cluster, score: max(scores, [1]) }, { name: "k-means" });
}

async function overBlocks(
  session: Session,
  points: Matrix,
  size: number,
  feeds: Feeds,
  visit: (results: Awaited<ReturnType<Session["run"]>>, start: number, rows: number) => void,
): Promise<void> {
  for (const { data, start, count } of rowBlocks(points, size))
    visit(await session.run({ ...feeds, points: data }), start, count);
}
