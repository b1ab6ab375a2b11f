import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import { createSession, type Session } from "../runtime/session.ts";
import { cast, compile, topK } from "../tensor/index.ts";
import { type BestMatches, mergeMatches, noMatches } from "./best-matches.ts";
import { requireCount, requireFeatures, requireSameWidth } from "./checks.ts";
import { inRange } from "./in-range.ts";
import { measureDistances } from "./measure-distances.ts";
import { blockSize, type RowBlock, rowBlocks } from "./row-blocks.ts";
import { columnMeans, type Metric, scoreFeeds, scoreGraph } from "./score-graph.ts";

/** Scores held at once: 16 MB, and as much again for the runtime's working copy. */
const SCORES_PER_RUN = 1 << 22;
const GALLERY_ROWS_PER_RUN = 1 << 14;
/**
 * Euclidean candidates searched beyond k, so that rounding at the k-th place does not decide which rows are
 * found.
 */
const SPARE_CANDIDATES = 16;

export interface NearestOptions {
  /** `[Q, D]`. */
  queries: Matrix;
  /** `[G, D]`. */
  gallery: Matrix;
  /** From 1 to G, or to G - 1 if every query is itself in the gallery. */
  k: number;
  /** Cosine by default. */
  metric?: Metric;
  /** Query i is row i of the gallery, and does not find itself. */
  excludeSelf?: boolean;
  threads?: number;
  /** Gallery rows compared at once, 16,384 by default. It changes the memory needed, and not the answer. */
  chunk?: number;
}

export interface Nearest {
  /** `[Q, k]` rows of the gallery, nearest first; of equally near ones the lower row first. */
  indices: Int32Array;
  /** `[Q, k]` cosine similarities in [-1, 1], falling; or Euclidean distances, rising. */
  scores: Float32Array;
}

/**
 * The exact k nearest rows of the gallery for every query, by comparing all with all. Blocks of queries are
 * compared with blocks of the gallery; the best k of each block are merged. Needs about 100 MB in addition to
 * the two matrices.
 *
 * Cosine similarities are float32 products, off by about 1e-7. For Euclidean distance, 16 candidates more
 * than k are found in float32; then their distances are computed, and sorted, in double precision.
 *
 * @throws AfterimageError `usage/value` for an impossible k or chunk, `evaluate/shape` and
 * `evaluate/not-finite` for features that cannot be compared.
 */
export async function nearest(options: NearestOptions): Promise<Nearest> {
  const { queries, gallery, k, metric = "cosine", excludeSelf = false } = options;
  check(options);
  // One more is needed if the query itself is among the candidates.
  const wanted = k + (excludeSelf ? 1 : 0);
  const compared = { ...options, ...inRange(queries, gallery, metric) };
  if (metric === "cosine") return finish(await search(compared, metric, wanted), options);
  const best = await search(compared, metric, Math.min(wanted + SPARE_CANDIDATES, gallery.rows));
  measureDistances(best, queries, gallery);
  return finish(best, options);
}

async function search(options: NearestOptions, metric: Metric, k: number): Promise<BestMatches> {
  const { queries, gallery, chunk = GALLERY_ROWS_PER_RUN, threads = 0 } = options;
  const size = blockSize(gallery.rows, chunk);
  const querySize = blockSize(queries.rows, Math.max(64, SCORES_PER_RUN / size));
  const graph = scoreGraph({ metric, queries: querySize, gallery: size, cols: gallery.cols });
  const { values, indices } = topK(graph, Math.min(k, size));
  const program = compile({ scores: values, indices: cast(indices, "int32") }, { name: "nearest" });
  const session = await createSession(program, { threads });
  const centre = metric === "cosine" ? new Float32Array(gallery.cols) : columnMeans(gallery);
  const best = noMatches(queries.rows, k);
  try {
    for (const block of rowBlocks(queries, querySize)) {
      for (const part of rowBlocks(gallery, size)) await compare(session, block, part, centre, best);
    }
    return best;
  } finally {
    await session.release();
  }
}

async function compare(
  session: Session,
  queries: RowBlock,
  gallery: RowBlock,
  centre: Float32Array,
  best: BestMatches,
): Promise<void> {
  const found = await session.run(scoreFeeds(queries, gallery, centre));
  const [scores, indices] = [found.scores as Float32Array, found.indices as Int32Array];
  const width = session.program.outputs[0]!.shape[1]!;
  for (let row = 0; row < queries.count; row++) {
    mergeMatches(best, queries.start + row, {
      scores: scores.subarray(row * width, (row + 1) * width),
      indices: indices.subarray(row * width, (row + 1) * width),
      start: gallery.start,
    });
  }
}

/** The first k matches of every query. If it is to be excluded, row i is left out of those of query i. */
function finish(best: BestMatches, { queries, k, excludeSelf = false }: NearestOptions): Nearest {
  const { indices, scores } = noMatches(queries.rows, k);
  for (let row = 0; row < queries.rows; row++) {
    for (let from = row * best.k, to = row * k; to < (row + 1) * k; from++) {
      if (excludeSelf && best.indices[from] === row) continue;
      scores[to] = best.scores[from]!;
      indices[to++] = best.indices[from]!;
    }
  }
  return { indices, scores };
}

function check({ queries, gallery, k, excludeSelf, chunk }: NearestOptions): void {
  requireFeatures("the queries", queries);
  if (gallery !== queries) requireFeatures("the gallery", gallery);
  requireSameWidth("the queries", queries, "the gallery", gallery);
  if (chunk !== undefined) requireCount("chunk", chunk, 1);
  if (excludeSelf && queries.rows !== gallery.rows) {
    throw new AfterimageError("evaluate/shape", {
      what: "excludeSelf needs the rows of the gallery as queries",
      expected: `${gallery.rows} queries`,
      got: `${queries.rows}`,
    });
  }
  requireCount("k", k, 1, gallery.rows - (excludeSelf ? 1 : 0));
}
