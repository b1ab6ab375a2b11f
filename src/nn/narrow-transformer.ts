export interface NarrowTransformerOptions {
  /** Width of the encoder. */
  of: number;
  /** Share of that width, in whole heads of 32 and at least one of them, where `width` is null. */
  share: number;
  width: number | null;
  /** Null for as many as come closest to 32 of the width each. */
  heads: number | null;
}

/** Of MAE's decoder; I-JEPA's predictor has the same in its smallest form. */
const HEAD = 32;

/** Width and heads of a small transformer that stands beside an encoder. */
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
