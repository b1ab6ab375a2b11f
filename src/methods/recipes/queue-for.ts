/** The largest power of two up to half the number of pictures, at least 2 and at most MoCo's own 65,536. */
export function queueFor(pictures: number): number {
  return 2 ** Math.min(16, Math.max(1, Math.floor(Math.log2(pictures / 2))));
}
