export interface WindowLimits<T> {
  /** The largest number of items in work at once. */
  count: number;
  /** The largest total weight in work at once; a single item may be heavier. */
  weight: number;
  weightOf(item: T): number;
}

/**
 * Works on items several at a time and gives the results in the items' order. Items begin in order, so a slow
 * one delays the results behind it but not their work, within the limits.
 *
 * If the caller stops early, or an item fails, this waits for all work in progress before it ends.
 */
export async function* orderedWindow<T, R>(
  items: readonly T[],
  limits: WindowLimits<T>,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const running: { result: Promise<R>; weight: number }[] = [];
  let next = 0;
  let weight = 0;
  const hasRoom = () => running.length === 0 || (running.length < limits.count && weight < limits.weight);
  try {
    while (next < items.length || running.length > 0) {
      while (next < items.length && hasRoom()) {
        const item = items[next++]!;
        const result = work(item);
        result.catch(() => {}); // told when its turn comes
        running.push({ result, weight: limits.weightOf(item) });
        weight += limits.weightOf(item);
      }
      yield await running[0]!.result;
      weight -= running.shift()!.weight;
    }
  } finally {
    await Promise.allSettled(running.map(({ result }) => result));
  }
}
