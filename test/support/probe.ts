/**
 * Probes: the part of a large tensor that fixtures store, and the comparison of a result with it.
 *
 * A probe is [L2 norm, largest magnitude, entries at probeIndices(length)...], so at most 34 numbers.
 */

const PROBE_ENTRIES = 32;

/**
 * At most 32 indices from 0 to length - 1, evenly spread: floor(k * (length - 1) / 31). All indices if there
 * are no more than 32.
 */
export function probeIndices(length: number): number[] {
  if (length <= PROBE_ENTRIES) return Array.from({ length }, (_, i) => i);
  return Array.from({ length: PROBE_ENTRIES }, (_, k) =>
    Math.floor((k * (length - 1)) / (PROBE_ENTRIES - 1)),
  );
}

/** The probe of a tensor, as the fixture scripts write it. */
export function probe(values: ArrayLike<number>): number[] {
  return [l2Norm(values), largestMagnitude(values), ...probeIndices(values.length).map((i) => values[i]!)];
}

/**
 * The error of a tensor against the probe of its reference: the larger of |norm - norm'| / norm' and max
 * |entry - entry'| / (largest magnitude of the whole reference). It is NaN if a value is not finite or the
 * number of entries differs, so `expect(probeError(a, b)).toBeLessThan(1e-4)` fails.
 */
export function probeError(values: ArrayLike<number>, reference: ArrayLike<number>): number {
  const own = probe(values);
  if (own.length !== reference.length) return Number.NaN;
  const [norm, scale] = [reference[0]!, reference[1]!];
  const entries = own.slice(2).map((value, i) => ratio(value - reference[i + 2]!, scale));
  return largestMagnitude([ratio(own[0]! - norm, norm), ...entries]);
}

/**
 * max |value - reference| / max |reference| of two whole tensors; NaN if the lengths differ or a value is not
 * finite.
 */
export function relativeError(values: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (values.length !== reference.length) return Number.NaN;
  const differences = Array.from(reference, (value, i) => values[i]! - value);
  return ratio(largestMagnitude(differences), largestMagnitude(reference));
}

/** The error is absolute for a reference of zero. */
function ratio(difference: number, scale: number): number {
  return scale === 0 ? difference : difference / scale;
}

function l2Norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
}

/** NaN if any value is NaN, because Math.max passes it on. */
function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}
