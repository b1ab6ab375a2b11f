import type { Matrix } from "../formats/matrix.ts";
import { createSession } from "../runtime/session.ts";
import { compile } from "../tensor/index.ts";
import { blockSize, type RowBlock, rowBlocks } from "./row-blocks.ts";
import { columnMeans, type Metric, scoreFeeds, scoreGraph } from "./score-graph.ts";

/** Scores in memory at once: 16 MB, unless 16 rows need more. */
const SCORES_HELD = 1 << 22;
const GALLERY_ROWS_PER_RUN = 1 << 14;

export interface ScoreRowsOptions {
  queries: Matrix;
  gallery: Matrix;
  metric: Metric;
  threads: number;
  /** Gallery rows compared at once. */
  chunk?: number;
}

/**
 * Calls `visit` for every query with its scores against the whole gallery, `[G]`, as {@link scoreGraph} gives
 * them (larger is nearer). The array is only valid until `visit` returns.
 */
export async function scoreRows(
  { queries, gallery, metric, threads, chunk = GALLERY_ROWS_PER_RUN }: ScoreRowsOptions,
  visit: (query: number, scores: Float32Array) => void,
): Promise<void> {
  const size = blockSize(gallery.rows, chunk);
  const querySize = blockSize(queries.rows, Math.max(16, SCORES_HELD / gallery.rows));
  const graph = scoreGraph({ metric, queries: querySize, gallery: size, cols: gallery.cols });
  const session = await createSession(compile({ scores: graph }, { name: "scores" }), { threads });
  const centre = metric === "cosine" ? new Float32Array(gallery.cols) : columnMeans(gallery);
  try {
    for (const block of rowBlocks(queries, querySize)) {
      const parts: ScoredPart[] = [];
      for (const part of rowBlocks(gallery, size)) {
        const { scores } = await session.run(scoreFeeds(block, part, centre));
        parts.push({ ...part, scores: scores as Float32Array, size });
      }
      for (let row = 0; row < block.count; row++) visit(block.start + row, wholeRow(parts, row));
    }
  } finally {
    await session.release();
  }
}

/** Scores `[queries, size]` against one block of the gallery. */
interface ScoredPart extends Pick<RowBlock, "start" | "count"> {
  scores: Float32Array;
  size: number;
}

/** One query's scores from all parts in order, without the padding. */
function wholeRow(parts: readonly ScoredPart[], row: number): Float32Array {
  const own = parts.map(({ scores, size, count }) => scores.subarray(row * size, row * size + count));
  if (own.length === 1) return own[0]!;
  const whole = new Float32Array(parts.reduce((total, { count }) => total + count, 0));
  for (const [i, part] of parts.entries()) whole.set(own[i]!, part.start);
  return whole;
}
