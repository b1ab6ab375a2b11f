/** All orders of a list, for expectations by counting. */
export function ordersOf<T>(list: readonly T[]): T[][] {
  if (list.length === 0) return [[]];
  return list.flatMap((one, i) => ordersOf(list.filter((_, j) => j !== i)).map((rest) => [one, ...rest]));
}

/** All rankings of rows by falling score; rows of equal score are in any order. */
export function rankingsOf(scores: readonly number[]): number[][] {
  const values = [...new Set(scores)].sort((a, b) => b - a);
  const groups = values.map((value) => [...scores.keys()].filter((row) => scores[row] === value));
  return groups.reduce<number[][]>(
    (rankings, group) => {
      const orders = ordersOf(group);
      return rankings.flatMap((ranking) => orders.map((order) => [...ranking, ...order]));
    },
    [[]],
  );
}
