/**
 * The samples that a dilated kernel reaches over: k + (k - 1)·(r - 1).
 *
 * @param kernel k, its taps.
 * @param rate r, the distance between two taps; 1 is a plain convolution.
 */
export function effectiveKernel(kernel: number, rate: number): number {
  return kernel + (kernel - 1) * (rate - 1);
}
