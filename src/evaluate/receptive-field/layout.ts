/** Where the axes of the picture are in a tensor. */
import type { Shape } from "../../tensor/index.ts";

/**
 * A part of a tensor's axis, as a reshape makes and divides them. `[C, H·W]` has an axis of two parts, H and
 * W.
 */
export interface Part {
  readonly size: number;
  /** Axes of the picture that it runs along: none for channels, one for rows or columns. */
  readonly along: readonly number[];
  /** Whether its places are those along the axis, in order; otherwise they are only from it. */
  readonly inOrder: boolean;
}

/** The parts of each axis, the outer one first; an axis of size 1 may have none. */
export type Layout = readonly (readonly Part[])[];

export const plainPart = (size: number): Part => ({ size, along: [], inOrder: true });
export const plainAxis = (size: number): readonly Part[] => (size === 1 ? [] : [plainPart(size)]);

/** A layout in which nothing is from the picture's axes. */
export function plainLayout(shape: Shape): Layout {
  return shape.map(plainAxis);
}

/** The axes of the picture that an axis is from. */
export function alongOf(parts: readonly Part[]): number[] {
  return [...new Set(parts.flatMap(({ along }) => along))];
}

/** The same axes, in no order that could be followed. */
export function mixedAxis(size: number, parts: readonly Part[]): readonly Part[] {
  const along = alongOf(parts);
  return along.length === 0 ? plainAxis(size) : [{ size, along, inOrder: false }];
}

/** A part that was divided: each of its places now stands for `by` of them. */
export interface Division {
  axis: number;
  by: number;
}

/**
 * The layout after a reshape. Row-major order keeps the order of the parts; one that falls apart leaves its
 * axis to the outer half, whose places each stand for several.
 */
export function reshapeLayout(layout: Layout, shape: Shape): { layout: Layout; divisions: Division[] } {
  const waiting = layout.flat();
  const divisions: Division[] = [];
  const result: Part[][] = [];
  for (const size of shape) {
    const taken = takeParts(waiting, size, divisions);
    if (taken === null) return { layout: mixedLayout(layout, shape), divisions: [] };
    result.push(taken);
  }
  result.at(-1)?.push(...waiting); // axes of one place are left over
  return { layout: result, divisions };
}

/** Takes parts of `size` places in all off the front; null where sizes do not divide each other. */
function takeParts(waiting: Part[], size: number, divisions: Division[]): Part[] | null {
  const taken: Part[] = [];
  let wanted = size;
  if (size === 1 && waiting[0]?.size === 1) return [waiting.shift()!];
  while (wanted > 1) {
    const part = waiting.shift();
    if (part === undefined) return null;
    if (wanted % part.size === 0) {
      taken.push(part);
      wanted /= part.size;
      continue;
    }
    if (part.size % wanted !== 0) return null;
    const by = part.size / wanted;
    const [axis, ...more] = part.along;
    const isPlace = part.inOrder && axis !== undefined && more.length === 0;
    if (isPlace) divisions.push({ axis, by });
    taken.push({ ...part, size: wanted });
    waiting.unshift(isPlace ? plainPart(by) : { ...part, size: by });
    wanted = 1;
  }
  return taken;
}

function mixedLayout(layout: Layout, shape: Shape): Layout {
  const all = layout.flat();
  return shape.map((size) => mixedAxis(size, all));
}
