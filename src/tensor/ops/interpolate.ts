/** Maps brought to another size by interpolation, as `torch.nn.functional.interpolate` does it. */
import { AfterimageError } from "../../errors.ts";
import { FLOAT, requireType, type Shape, shapeError, sizeOfAxis, type Tensor } from "../tensor.ts";
import { type AxisInterpolation, interpolationTaps } from "./interpolation-taps.ts";
import { type AxisChange, resample } from "./resample.ts";

export const INTERPOLATION_MODES = ["nearest", "nearest-exact", "linear", "bilinear", "bicubic"] as const;
export type InterpolationMode = (typeof INTERPOLATION_MODES)[number];

export interface InterpolateOptions {
  /** Samples of each axis of the result, or one number for all; this or `scaleFactor`. */
  size?: number | readonly number[];
  /** Factor of each axis, or one for all, above 0; the size is then `⌊factor · size⌋`. */
  scaleFactor?: number | readonly number[];
  /** Default `nearest`. `linear` is for sequences, `bilinear` and `bicubic` are for maps. */
  mode?: InterpolationMode;
  /**
   * Whether the middles of the corner pixels stay corners, rather than the corners of the picture. Not for
   * `nearest` and `nearest-exact`. Default false.
   */
  alignCorners?: boolean;
  /**
   * Whether what becomes smaller is averaged by a wider kernel, with the weights of PIL. For `bilinear` and
   * `bicubic`. Default false.
   */
  antialias?: boolean;
  /**
   * Whether the step from sample to sample is that of the whole sizes, rather than 1 / `scaleFactor`. The two
   * differ where the factor times the size is no whole number. Default false.
   */
  recomputeScaleFactor?: boolean;
}

/**
 * Sequences `[B, C, T]` or maps `[B, C, H, W]` at another size, with the values and gradients of PyTorch's
 * `interpolate` with the same options.
 *
 * @throws AfterimageError `tensor/shape` for tensors of another rank, or a result without a sample;
 * `usage/value` for options that do not fit each other; `tensor/dtype` for anything but float32.
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  requireType("interpolate", FLOAT, [x]);
  if (x.rank !== 3 && x.rank !== 4)
    throw shapeError("interpolate", "sequences [B, C, T] or maps [B, C, H, W]", [x]);
  requireOptions(x, options);
  const axes = x.rank === 3 ? ([-1] as const) : ([-2, -1] as const);
  const changes = axes.map((axis, i) => changeOf(x, axis, i, options));
  for (const { to } of changes)
    if (!(Number.isInteger(to) && to >= 1))
      throw shapeError("interpolate", `at least one sample in each axis, not ${changes.map((c) => c.to)}`, [
        x,
      ]);
  // Along the axis that grows less first, so that fewer numbers pass through both.
  const ordered = changes.toSorted((a, b) => a.to / a.from - b.to / b.from);
  return resample(x, {
    changes: ordered.flatMap((change) => changeOfAxis(change, options)),
    transposed: false,
  });
}

interface Change {
  axis: -1 | -2;
  from: number;
  to: number;
  /** Undefined where it follows from the sizes. */
  step: number | undefined;
}

function changeOf(x: Tensor, axis: -1 | -2, index: number, options: InterpolateOptions): Change {
  const { size, scaleFactor, recomputeScaleFactor = false } = options;
  const from = sizeOfAxis(x, axis, "interpolate");
  if (scaleFactor === undefined) return { axis, from, to: ofAxis(size!, index), step: undefined };
  const factor = ofAxis(scaleFactor, index);
  return { axis, from, to: Math.floor(from * factor), step: recomputeScaleFactor ? undefined : 1 / factor };
}

function ofAxis(values: number | readonly number[], index: number): number {
  return typeof values === "number" ? values : values[index]!;
}

/** None for an axis that stays as it is. */
function changeOfAxis({ axis, from, to, step }: Change, options: InterpolateOptions): AxisChange[] {
  const { mode = "nearest", alignCorners = false, antialias = false } = options;
  const isSame = from === to && (step === undefined || step === 1 || alignCorners);
  if (isSame) return [];
  const kind: AxisInterpolation = mode === "bilinear" ? "linear" : mode;
  const settings = { from, to, kind, alignCorners, antialias, ...(step !== undefined && { step }) };
  return [{ axis, taps: interpolationTaps(settings) }];
}

function requireOptions(x: Tensor, options: InterpolateOptions): void {
  const { size, scaleFactor, mode = "nearest", alignCorners, antialias, recomputeScaleFactor } = options;
  if ((size === undefined) === (scaleFactor === undefined))
    throw refused("a size or a scale factor", "either one", `${size} and ${scaleFactor}`);
  const given = size ?? scaleFactor!;
  if (typeof given !== "number" && given.length !== x.rank - 2)
    throw refused("its size", `a number, or ${x.rank - 2} of them`, `[${given}]`);
  const factors = scaleFactor === undefined ? [] : [scaleFactor].flat();
  if (!factors.every((factor) => factor > 0 && Number.isFinite(factor)))
    throw refused("scaleFactor", "numbers above 0", `${scaleFactor}`);
  const modes = modesOf(x.shape);
  if (!modes.includes(mode)) throw refused("mode", `one of ${modes.join(", ")} for [${x.shape}]`, mode);
  if (alignCorners && mode.startsWith("nearest"))
    throw refused("alignCorners", "linear, bilinear or bicubic interpolation", mode);
  if (antialias && mode !== "bilinear" && mode !== "bicubic")
    throw refused("antialias", "bilinear or bicubic interpolation", mode);
  if (recomputeScaleFactor && scaleFactor === undefined)
    throw refused("recomputeScaleFactor", "a scale factor", `the size ${size}`);
}

function modesOf({ length }: Shape): readonly InterpolationMode[] {
  const ofBoth = ["nearest", "nearest-exact"] as const;
  return length === 3 ? [...ofBoth, "linear"] : [...ofBoth, "bilinear", "bicubic"];
}

function refused(where: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("usage/value", { what: "interpolate cannot do this", where, expected, got });
}
