/**
 * The nearest integer; if two are equally near, the even one, as Python's `round`, which torchvision uses.
 */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const fraction = x - below;
  if (fraction !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}
