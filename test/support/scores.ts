/** Scores of all pairs of pictures, `[B, B]` or `[B, B, M]`, for formulas written in plain loops. */

/** Scores with equal first indices, and all others. */
export function pairsOf(scores: ArrayLike<number>, [count, , places = 1]: readonly number[]) {
  const [positives, negatives]: [number[], number[]] = [[], []];
  Array.from(scores).forEach((u, at) => {
    const pair = Math.floor(at / places);
    (Math.floor(pair / count!) === pair % count! ? positives : negatives).push(u);
  });
  return { positives, negatives };
}

/** The same scores with the last of `count` pictures as the first. */
export function movedPictures(scores: ArrayLike<number>, count: number): number[] {
  const places = scores.length / count ** 2;
  const old = (picture: number) => (picture + count - 1) % count;
  return Array.from(scores, (_, at) => {
    const pair = Math.floor(at / places);
    const [i, j] = [old(Math.floor(pair / count)), old(pair % count)];
    return scores[(i * count + j) * places + (at % places)]!;
  });
}
