/** Dense arrays of numbers in double precision, for references written as plain loops. */

export class NdArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: readonly number[];

  constructor(shape: readonly number[], data: readonly number[]) {
    this.shape = shape;
    this.data = data;
  }

  /** The element at one index per axis. */
  at(...index: readonly number[]): number {
    return this.data[index.reduce((flat, i, axis) => flat * this.shape[axis]! + i, 0)]!;
  }

  /** The element that broadcasting puts at `index` of an array of the same or a higher rank. */
  broadcastAt(...index: readonly number[]): number {
    const own = index.slice(index.length - this.shape.length);
    return this.at(...own.map((i, axis) => (this.shape[axis] === 1 ? 0 : i)));
  }

  map(f: (value: number) => number): NdArray {
    return new NdArray(this.shape, this.data.map(f));
  }
}

/** The array whose element at each index is `value(...index)`. */
export function fill(shape: readonly number[], value: (...index: number[]) => number): NdArray {
  return new NdArray(
    shape,
    indicesOf(shape).map((index) => value(...index)),
  );
}

/** All indices of a shape, row-major; `[[]]` for a scalar. */
export function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (indices, size) => indices.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

/** `Σ term(0) + … + term(count - 1)`. */
export function total(count: number, term: (i: number) => number): number {
  let result = 0;
  for (let i = 0; i < count; i++) result += term(i);
  return result;
}
