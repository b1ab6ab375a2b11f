import { describe, expect, test } from "vitest";
import { readFixture } from "../../test/support/fixtures.ts";
import { randomStream } from "../random/random-stream.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { augmentView, augmentViews } from "./augment-views.ts";
import type { JitterPart, ViewDraw } from "./draw-view.ts";
import type { PictureSize } from "./random-crop.ts";
import { drawViewParameters, PARAMETER_COUNT, writeViewParameters } from "./view-parameters.ts";
import { byolViews } from "./view-sets.ts";
import type { Normalization, ViewSpec } from "./view-spec.ts";

const CANVAS = 44;
const fixture = readFixture("augment");
const SIZES: Record<string, PictureSize> = {
  landscape: { height: 24, width: 32 },
  square: { height: 40, width: 40 },
  portrait: { height: 32, width: 24 },
};

const PLAIN: ViewSpec = {
  name: "plain",
  size: 40,
  crop: { scale: [0.08, 1], ratio: [3 / 4, 4 / 3], interpolation: "bilinear" },
  flip: 0,
  jitter: null,
  greyscale: 0,
  blur: null,
  solarize: null,
  normalize: null,
};
const WHOLE: ViewDraw = {
  crop: { top: 0, left: 0, height: 40, width: 40 },
  flip: false,
  jitter: [],
  greyscale: false,
  sigma: null,
  solarize: false,
};
const { mean, deviation: std } = fixture.setting<{
  mean: Normalization["mean"];
  deviation: Normalization["std"];
}>("normalize");
const normalize: Normalization = { mean, std };

/** A picture of the fixture in the corner of a canvas whose rest is grey. */
function canvasOf(picture: string): Uint8Array {
  const { height, width } = SIZES[picture]!;
  const bytes = fixture.numbers(`picture/${picture}`);
  const canvas = new Uint8Array(3 * CANVAS * CANVAS).fill(99);
  for (let row = 0; row < 3 * height; row++) {
    const [c, y] = [Math.floor(row / height), row % height];
    canvas.set(bytes.slice(row * width, (row + 1) * width), (c * CANVAS + y) * CANVAS);
  }
  return canvas;
}

async function views(
  pictures: readonly string[],
  specs: readonly ViewSpec[],
  parameters: readonly Float32Array[],
): Promise<Float32Array> {
  const b = pictures.length;
  const given = specs.map((_, v) => input(`view:${v}`, [b, PARAMETER_COUNT]));
  const y = augmentViews(input("x", [b, 3, CANVAS, CANVAS], "uint8"), given, specs);
  const x = new Uint8Array(b * 3 * CANVAS * CANVAS);
  for (const [i, picture] of pictures.entries()) x.set(canvasOf(picture), i * 3 * CANVAS * CANVAS);
  const feeds = Object.fromEntries(parameters.map((values, v) => [`view:${v}`, values]));
  const { y: result } = await runOnce(compile({ y }, { contrib: true }), { x, ...feeds });
  return result as Float32Array;
}

async function one(
  picture: string,
  change: Partial<ViewSpec>,
  drawn: Partial<ViewDraw>,
): Promise<Float32Array> {
  const spec = { ...PLAIN, ...change };
  const parameters = new Float32Array(PARAMETER_COUNT);
  writeViewParameters(spec, { ...WHOLE, ...drawn }, parameters, 0);
  return await views([picture], [spec], [parameters]);
}

function drawAll(spec: ViewSpec, pictures: readonly string[], view: number): Float32Array {
  const parameters = new Float32Array(pictures.length * PARAMETER_COUNT);
  for (const [i, picture] of pictures.entries()) {
    const random = randomStream(1, `view/${view}`, 0, i);
    drawViewParameters(spec, SIZES[picture]!, random, parameters, i * PARAMETER_COUNT);
  }
  return parameters;
}

function worst(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe("a view is what torchvision makes", () => {
  test("of a horizontal flip", async () => {
    const result = await one("square", { flip: 0.5 }, { flip: true });
    expect(worst(result, fixture.floats("hflip/square"))).toBeLessThan(1e-5);
  });

  test("of greyscale", async () => {
    const result = await one("square", { greyscale: 0.2 }, { greyscale: true });
    expect(worst(result, fixture.floats("grayscale/square"))).toBeLessThan(1e-5);
  });

  test("of normalisation", async () => {
    const result = await one("square", { normalize }, {});
    expect(worst(result, fixture.floats("normalize/square"))).toBeLessThan(1e-5);
  });

  test("of Gaussian blur, borders mirrored", async () => {
    for (const [kernel, sigma] of fixture.setting<[number, number][]>("blurs")) {
      const blur = { probability: 0.5, sigma: [sigma, sigma] as const, kernel };
      const result = await one("square", { blur }, { sigma });
      expect(worst(result, fixture.floats(`blur/square/k${kernel}_s${sigma}`))).toBeLessThan(1e-5);
    }
  });

  test("of solarising, normalised or not", async () => {
    for (const threshold of fixture.setting<number[]>("thresholds")) {
      const solarize = { probability: 0.5, threshold };
      const expected = fixture.floats(`solarize/square/${threshold}`);
      const result = await one("square", { solarize }, { solarize: true });
      expect(worst(result, expected)).toBeLessThan(1e-5);
      const normalized = await one("square", { solarize, normalize }, { solarize: true });
      const byChannel = expected.map(
        (x, i) => (x - mean[Math.floor(i / 1600)]!) / std[Math.floor(i / 1600)]!,
      );
      expect(worst(normalized, byChannel)).toBeLessThan(1e-5);
    }
  });

  test("of the whole chain", async () => {
    const settings = fixture.setting<{
      box: [number, number, number, number, number, number];
      flip: boolean;
      jitter: Partial<Record<JitterPart, number>>;
      kernel: number;
      sigma: number;
      threshold: number;
    }>("pipeline");
    const [top, left, height, width, size] = settings.box;
    const spec: Partial<ViewSpec> = {
      ...byolViews({ size })[1]!,
      crop: PLAIN.crop,
      blur: { probability: 0.5, sigma: [0.1, 2], kernel: settings.kernel },
      solarize: { probability: 0.2, threshold: settings.threshold },
      normalize,
    };
    const draw: ViewDraw = {
      crop: { top, left, height, width },
      flip: settings.flip,
      jitter: Object.entries(settings.jitter).map(([part, value]) => ({ part: part as JitterPart, value })),
      greyscale: false,
      sigma: settings.sigma,
      solarize: true,
    };
    for (const picture of Object.keys(SIZES)) {
      expect(worst(await one(picture, spec, draw), fixture.floats(`pipeline/${picture}`))).toBeLessThan(1e-4);
    }
  });

  test("when chance decides on nothing: the picture itself, whatever the view could do", async () => {
    const everything = { ...byolViews({ size: 40, blur: true })[1]!, crop: PLAIN.crop, normalize: null };
    const result = await one("square", everything, {});
    const expected = Float32Array.from(fixture.numbers("picture/square"), (value) => value / 255);
    expect(worst(result, expected)).toBeLessThan(1e-6);
  });
});

describe("views of a batch", () => {
  const pictures = ["landscape", "square", "portrait", "square"];
  const specs = byolViews({ size: 20, blur: true });
  const parameters = specs.map((spec, v) => drawAll(spec, pictures, v));

  test("come view by view, and within a view picture by picture", async () => {
    const all = await views(pictures, specs, parameters);
    const size = 3 * 20 * 20;
    for (const [v, spec] of specs.entries()) {
      for (const [i, picture] of pictures.entries()) {
        const own = parameters[v]!.slice(i * PARAMETER_COUNT, (i + 1) * PARAMETER_COUNT);
        const at = (v * pictures.length + i) * size;
        expect(worst(all.slice(at, at + size), await views([picture], [spec], [own]))).toBeLessThan(1e-5);
      }
    }
  });

  test.each([
    ["some", [1, null, 0.4, null]],
    ["all", [1, 2, 0.4, 1]],
    ["none", [null, null, null, null]],
  ] as const)("are blurred where chance decides so: %s of them", async (_, sigmas) => {
    const spec = { ...PLAIN, size: 20, blur: { probability: 0.5, sigma: [0.1, 2] as const, kernel: 5 } };
    const drawn = new Float32Array(pictures.length * PARAMETER_COUNT);
    for (const [i, sigma] of sigmas.entries())
      writeViewParameters(spec, { ...WHOLE, sigma }, drawn, i * PARAMETER_COUNT);
    const chosen = await views(pictures, [spec], [drawn]);
    const always = { ...spec, blur: { ...spec.blur, probability: 1 } };
    expect(worst(chosen, await views(pictures, [always], [drawn]))).toBeLessThan(1e-6);
  });

  test("are the same when made again", async () => {
    expect(await views(pictures, specs, parameters)).toEqual(await views(pictures, specs, parameters));
  });
});

describe("the graph of a view", () => {
  const operators = (change: Partial<ViewSpec>) => {
    const y = augmentView(
      input("x", [2, 3, CANVAS, CANVAS], "uint8"),
      input("parameters", [2, PARAMETER_COUNT]),
      { ...PLAIN, ...change },
    );
    return compile({ y }, { contrib: true }).model.nodes.map(({ operator }) => operator);
  };
  const count = (list: string[], operator: string) => list.filter((name) => name === operator).length;

  test("has nothing but the two products where a view only crops", () => {
    const made = operators({ flip: 0.5 });
    expect(count(made, "MatMul")).toBe(2);
    for (const operator of ["Conv", "Exp", "FusedMatMul"]) expect(count(made, operator)).toBe(0);
  });

  test("has one pass over the channels for each colour step", () => {
    const jitter = { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 };
    expect(count(operators({ jitter }), "Conv")).toBe(3 + 4 + 3);
    expect(count(operators({ jitter: { ...jitter, hue: 0 } }), "Conv")).toBe(3);
    expect(count(operators({ jitter: { ...jitter, probability: 0 } }), "Conv")).toBe(0);
    expect(count(operators({ greyscale: 0.2, normalize }), "Conv")).toBe(1);
  });

  test("takes no mean where there is no contrast", () => {
    const jitter = { probability: 0.8, brightness: 0.4, contrast: 0, saturation: 0.4, hue: 0.1 };
    expect(count(operators({ jitter }), "ReduceMean")).toBe(0);
  });
});

describe("views that cannot be made are refused", () => {
  const pictures = input("x", [2, 3, 44, 44], "uint8");
  const parameters = input("parameters", [2, PARAMETER_COUNT]);

  test.each([
    ["pictures of floats", () => augmentView(input("f", [2, 3, 44, 44]), parameters, PLAIN)],
    [
      "a canvas that is not square",
      () => augmentView(input("r", [2, 3, 44, 40], "uint8"), parameters, PLAIN),
    ],
    ["parameters of another batch", () => augmentView(pictures, input("p", [3, PARAMETER_COUNT]), PLAIN)],
    ["fewer parameters than views", () => augmentViews(pictures, [parameters], [PLAIN, PLAIN])],
    [
      "views of two sizes",
      () => augmentViews(pictures, [parameters, parameters], [PLAIN, { ...PLAIN, size: 20 }]),
    ],
    ["no views", () => augmentViews(pictures, [], [])],
  ])("for %s", (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: "tensor/shape" }));
  });

  test("for numbers out of range", () => {
    expect(() => augmentView(pictures, parameters, { ...PLAIN, flip: 2 })).toThrow(/view plain\.flip/);
  });
});
