/**
 * Interpolates between two sets of settings. Numbers, and lists of them, are interpolated geometrically if
 * both ends are above 0, otherwise linearly. Whole numbers stay whole. All other values are those of the
 * nearer end, of `long` at .5.
 *
 * @param long complete settings, at share 1.
 * @param short the settings that differ at share 0.
 * @param share from 0 to 1.
 */
export function between<S extends object>(long: S, short: Partial<S>, share: number): S {
  const mixed = Object.entries(short).map(([name, from]) => {
    const to = (long as Record<string, unknown>)[name];
    return [name, valueBetween(from, to, share)] as const;
  });
  return { ...long, ...Object.fromEntries(mixed) };
}

function valueBetween(from: unknown, to: unknown, share: number): unknown {
  if (typeof from === "number" && typeof to === "number") return numberBetween(from, to, share);
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length)
    return from.map((value, i) => valueBetween(value, to[i], share));
  return share < 0.5 ? from : to;
}

function numberBetween(from: number, to: number, share: number): number {
  if (share === 0 || from === to) return from;
  if (share === 1) return to;
  const value = from > 0 && to > 0 ? from * (to / from) ** share : from + (to - from) * share;
  if (Number.isInteger(from) && Number.isInteger(to)) return Math.round(value);
  return Number(value.toPrecision(6)); // keeps config.json readable
}
