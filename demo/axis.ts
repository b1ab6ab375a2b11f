/** The arithmetic of a plot's axes: round ticks, scales, and labels that do not overlap. */

/** Multiples of 1, 2 or 5 times a power of ten between `low` and `high`, about `wanted` of them. */
export function niceTicks(low: number, high: number, wanted: number): number[] {
  const step = niceStep(high - low, wanted);
  return multiples(step, Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9));
}

/** The same, from the multiple at or below `low` to the one at or above `high`; at least two. */
export function enclosingTicks(low: number, high: number, wanted: number): number[] {
  const step = niceStep(high - low, wanted);
  const first = Math.floor(low / step + 1e-9);
  return multiples(step, first, Math.max(first + 1, Math.ceil(high / step - 1e-9)));
}

/** The smallest such step with which at most `wanted` steps cover `length`. */
function niceStep(length: number, wanted: number): number {
  const least = (length || 1) / wanted;
  const power = 10 ** Math.floor(Math.log10(least) + 1e-9);
  return ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10) * power;
}

function multiples(step: number, first: number, last: number): number[] {
  // Twelve digits remove the rounding of products such as 3 * 0.1.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

/** A tick as text. All ticks have the same number of decimals, as many as they need. */
export function formatTick(value: number, ticks: readonly number[]): string {
  const decimals = Math.max(...ticks.map((tick) => (String(tick).split(".")[1] ?? "").length));
  return value.toFixed(decimals);
}

/** The straight line that maps `from` to `to`. */
export function linearScale(
  from: readonly [number, number],
  to: readonly [number, number],
): (value: number) => number {
  const slope = (to[1] - to[0]) / (from[1] - from[0] || 1);
  return (value) => to[0] + (value - from[0]) * slope;
}

/** Labels that touch and therefore move together. `start` is the place of the first. */
interface Cluster {
  wanted: number[];
  start: number;
}

/**
 * Moves ascending places as little as possible, to be at least `step` apart between `low` and `high`.
 *
 * Labels that would overlap form a cluster around the mean of their places. Clusters that meet are merged. If
 * there is no room for all labels, the last ones are beyond the high end.
 */
export function spreadApart(
  places: readonly number[],
  step: number,
  [low, high]: readonly [number, number],
): number[] {
  const clusterOf = (wanted: number[]): Cluster => {
    const length = (wanted.length - 1) * step;
    const mean = wanted.reduce((a, b) => a + b, 0) / wanted.length;
    return { wanted, start: Math.max(low, Math.min(high - length, mean - length / 2)) };
  };
  const clusters: Cluster[] = [];
  for (const place of places) {
    let cluster = clusterOf([place]);
    for (let last = clusters.at(-1); last !== undefined; last = clusters.at(-1)) {
      if (last.start + last.wanted.length * step <= cluster.start) break;
      clusters.pop();
      cluster = clusterOf([...last.wanted, ...cluster.wanted]);
    }
    clusters.push(cluster);
  }
  return clusters.flatMap(({ wanted, start }) => wanted.map((_, i) => start + i * step));
}
