import type { Initializer } from "./initializers.ts";

/** Rows `[…, D]` of length 1 in random directions, for queues, banks and prototypes. */
export const unitSphere: Initializer = (shape, random) => {
  const width = shape.at(-1)!;
  const values = new Float32Array(shape.reduce((size, axis) => size * axis, 1));
  random.fillNormal(values);
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const length = Math.hypot(...row);
    for (let i = 0; i < width; i++) row[i]! /= length;
  }
  return values;
};
