/** A way from the picture to a map: the layers that it goes through, and the field that they add up to. */
import { type AxisStep, type Interval, type Step, seenBy } from "./steps.ts";

/** Places of a map along one axis, seen from the picture. */
export interface AxisField {
  /** Samples of the picture that one place of the map sees at most. */
  size: number;
  /** Samples of the picture from one place to the next. */
  jump: number;
  /** The middle of the first place's field, in samples; the first sample of the picture goes from 0 to 1. */
  start: number;
  /** Samples before the picture's first that the first place sees: the padding of all layers together. */
  padding: number;
}

export class Branch {
  readonly steps: readonly Step[];
  /** One for each axis of the picture. */
  readonly fields: readonly AxisField[];
  /** Equal for branches with the same fields at every place. */
  readonly key: string;

  constructor(steps: readonly Step[], axes: number) {
    this.steps = steps;
    const each = Array.from({ length: axes }, (_, axis) => stepsAlong(steps, axis));
    this.fields = each.map(fieldOf);
    this.key = each
      .map((along) => [jumpOf(along), ...PHASES.flatMap((v) => Object.values(intervalOf(along, v)))].join())
      .join(";");
  }

  /** The way that goes on through one more layer. */
  after(step: Step): Branch {
    return new Branch([...this.steps, step], this.fields.length);
  }

  /** Samples of the picture in the field. */
  get area(): number {
    return this.fields.reduce((area, { size }) => area * size, 1);
  }
}

/**
 * Where maps grow, fields differ from place to place. They are compared at these, and measured at the first
 * of them.
 */
const PHASES = [0, 1, 2, 3, 4, 5, 6, 7, 15, 31];
/** As many places as the largest factor by which maps usually grow. */
const MEASURED = 64;

/** Branches without those that see what an earlier one sees. */
export function distinct(branches: readonly Branch[]): readonly Branch[] {
  const byKey = new Map<string, Branch>();
  for (const branch of branches) if (!byKey.has(branch.key)) byKey.set(branch.key, branch);
  return [...byKey.values()];
}

export function stepsAlong(steps: readonly Step[], axis: number): AxisStep[] {
  return steps.flatMap(({ axes }) => axes[axis] ?? []);
}

/** The samples of the picture that place v sees, by going from the last layer back to the first. */
export function intervalOf(steps: readonly AxisStep[], v: number): Interval {
  return steps.reduceRight((seen: Interval, step) => seenBy(step, seen), { first: v, last: v });
}

/**
 * The size of the field from the top: a place, and from layer to layer back `RF ← (RF - 1)·stride + kernel`.
 * Araujo, Norris, Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", equation 1.
 */
export function sizeFromTop(steps: readonly AxisStep[]): number {
  return steps.reduceRight((size, { kernel, stride }) => (size - 1) * stride + kernel, 1);
}

/**
 * The size of the field from the picture up: `r ← r + (kernel - 1)·Π strides` of the layers before. The same,
 * equation 2.
 */
export function sizeFromPicture(steps: readonly AxisStep[]): number {
  let [size, jump] = [1, 1];
  for (const { kernel, stride } of steps) {
    size += (kernel - 1) * jump;
    jump *= stride;
  }
  return size;
}

function jumpOf(steps: readonly AxisStep[]): number {
  return steps.reduce((jump, { stride }) => jump * stride, 1);
}

function fieldOf(steps: readonly AxisStep[]): AxisField {
  const { first, last } = intervalOf(steps, 0);
  const grows = steps.some(({ stride }) => !Number.isInteger(stride));
  const places = Array.from({ length: grows ? MEASURED : 1 }, (_, v) => intervalOf(steps, v));
  const size = Math.max(...places.map((place) => place.last - place.first + 1));
  return { size, jump: jumpOf(steps), start: (first + last + 1) / 2, padding: Math.max(0, -first) };
}
