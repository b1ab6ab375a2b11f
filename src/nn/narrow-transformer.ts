export interface NarrowTransformerOptions {
  /** Width of the encoder. */
  of: number;
  /** Share of that width, rounded to whole heads of 32, at least one; used if `width` is null. */
  share: number;
  width: number | null;
  /** Null for the number that brings heads closest to a width of 32. */
  heads: number | null;
}

/** The width of a head in MAE's decoder, and in the smallest form of I-JEPA's predictor. */
const HEAD = 32;

/** Width and heads of a small transformer that is used with an encoder. */
export function narrowTransformer({ of, share, width: asked, heads }: NarrowTransformerOptions): {
  width: number;
  heads: number;
} {
  const width = asked ?? HEAD * Math.max(1, Math.round((of * share) / HEAD));
  return { width, heads: heads ?? headsFor(width) };
}

function headsFor(width: number): number {
  let heads = Math.max(1, Math.floor(width / HEAD));
  while (width % heads !== 0) heads--;
  return heads;
}
