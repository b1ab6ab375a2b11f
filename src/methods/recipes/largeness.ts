/** The size of a data set on a scale for defaults: 0 up to 20,000 pictures, 1 from ImageNet's size on. */
export function largeness(pictures: number): number {
  const [low, high] = [Math.log(20_000), Math.log(1_281_167)];
  return Math.min(1, Math.max(0, (Math.log(Math.max(1, pictures)) - low) / (high - low)));
}

/** A default between that for a small data set and that for ImageNet, linear in the logarithm of the size. */
export function bySize(pictures: number, small: number, large: number): number {
  return small + (large - small) * largeness(pictures);
}
