/**
 * Checks specifications of views. It uses no library of schemas: everything that makes views in a graph calls
 * it, and a web page should not have to load such a library for it.
 */
import { AfterimageError } from "../errors.ts";
import type { ViewSpec } from "./view-spec.ts";

/** The first entry of a value that is wrong. */
export interface ViewFault {
  path: readonly (string | number)[];
  expected: string;
  got: unknown;
}

type Check = (value: unknown) => ViewFault | null;

/**
 * Checks what types cannot express: ranges, odd kernels.
 *
 * @throws AfterimageError `usage/value` naming the entry that is wrong.
 */
export function checkViewSpec(spec: ViewSpec): ViewSpec {
  const fault = viewFault(spec);
  if (fault === null) return spec;
  throw new AfterimageError("usage/value", {
    what: "the settings of a view are not valid",
    where: [`view ${spec.name}`, ...fault.path].join("."),
    expected: fault.expected,
    got: typeof fault.got === "number" ? `${fault.got}` : (JSON.stringify(fault.got) ?? "nothing"),
  });
}

/** The first entry of `value` that keeps it from being a {@link ViewSpec}, or null. */
export function viewFault(value: unknown): ViewFault | null {
  return VIEW(value) ?? blurFault(value as ViewSpec);
}

/** A blur reflects the view at its borders only once, which limits its kernel. */
function blurFault({ blur, size }: ViewSpec): ViewFault | null {
  if (blur === null || (blur.kernel - 1) / 2 < size) return null;
  const expected = `fewer than ${2 * size + 1} taps: half the blur kernel must be smaller than the view`;
  return { path: ["blur", "kernel"], expected, got: blur.kernel };
}

/** A finite number that passes a test. */
function number(expected: string, is: (value: number) => boolean): Check {
  return (got) => (Number.isFinite(got) && is(got as number) ? null : { path: [], expected, got });
}

function text(expected: string, is: (value: string) => boolean = () => true): Check {
  return (got) => (typeof got === "string" && is(got) ? null : { path: [], expected, got });
}

function orNull(check: Check): Check {
  return (value) => (value === null ? null : check(value));
}

function list(length: number, check: Check): Check {
  return (got) => {
    if (!Array.isArray(got) || got.length !== length)
      return { path: [], expected: `a list of ${length}`, got };
    return first(got.map((value, at) => within(at, check(value))));
  };
}

/** Two numbers in ascending order. */
function range(check: Check): Check {
  const pair = list(2, check);
  return (got) => {
    const fault = pair(got);
    if (fault !== null) return fault;
    const [low, high] = got as [number, number];
    return low <= high
      ? null
      : { path: [], expected: "two numbers, the first not larger than the second", got };
  };
}

/** An object that has these entries and no others. */
function entries(checks: Readonly<Record<string, Check>>): Check {
  const names = Object.keys(checks).join(", ");
  return (got) => {
    if (typeof got !== "object" || got === null) return { path: [], expected: `an object of ${names}`, got };
    const unknown = Object.keys(got).find((name) => !(name in checks));
    if (unknown !== undefined) return { path: [unknown], expected: `one of ${names}`, got: unknown };
    const values = got as Record<string, unknown>;
    return first(Object.entries(checks).map(([name, check]) => within(name, check(values[name]))));
  };
}

function first(faults: readonly (ViewFault | null)[]): ViewFault | null {
  return faults.find((fault) => fault !== null) ?? null;
}

function within(name: string | number, fault: ViewFault | null): ViewFault | null {
  return fault && { ...fault, path: [name, ...fault.path] };
}

const anyNumber = number("a number", () => true);
const above0 = number("a number above 0", (value) => value > 0);
const from0 = number("a number, 0 or more", (value) => value >= 0);
const probability = number("a number from 0 to 1", (value) => value >= 0 && value <= 1);
const share = number("a number above 0, 1 or less", (value) => value > 0 && value <= 1);
const hue = number("a number from 0 to 0.5", (value) => value >= 0 && value <= 0.5);
const size = number("a whole number, 1 or more", (value) => Number.isSafeInteger(value) && value >= 1);
const taps = number("an odd whole number", (value) => value >= 1 && value % 2 === 1);

const VIEW = entries({
  name: text("text"),
  size,
  crop: entries({
    scale: range(share),
    ratio: range(above0),
    interpolation: text("bilinear or bicubic", (name) => name === "bilinear" || name === "bicubic"),
  }),
  flip: probability,
  jitter: orNull(entries({ probability, brightness: from0, contrast: from0, saturation: from0, hue })),
  greyscale: probability,
  blur: orNull(entries({ probability, sigma: range(above0), kernel: taps })),
  solarize: orNull(entries({ probability, threshold: probability })),
  normalize: orNull(entries({ mean: list(3, anyNumber), std: list(3, above0) })),
});
