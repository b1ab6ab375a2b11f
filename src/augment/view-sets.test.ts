import { describe, expect, test } from "vitest";
import { checkViewSpec } from "./check-view-spec.ts";
import {
  amdimViews,
  byolViews,
  dinoViews,
  ijepaViews,
  maeViews,
  mocoV2Views,
  simclrViews,
  simmimViews,
  swavViews,
} from "./view-sets.ts";
import { NORMALIZATION } from "./view-spec.ts";

const ratio = [3 / 4, 4 / 3];
const sigma = [0.1, 2];
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

describe("the views of", () => {
  test("SimCLR are two alike, with the paper's strength at 224 pixels", () => {
    const [first, second] = simclrViews({ size: 224 });
    expect(first).toEqual({
      name: "first",
      size: 224,
      crop: { scale: [0.08, 1], ratio, interpolation: "bicubic" },
      flip: 0.5,
      jitter: { probability: 0.8, brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2 },
      greyscale: 0.2,
      blur: { probability: 0.5, sigma, kernel: 23 },
      solarize: null,
      normalize: imagenet,
    });
    expect(second).toEqual({ ...first, name: "second" });
  });

  test("SimCLR on small pictures are half as strong and not blurred", () => {
    const [small] = simclrViews({ size: 32 });
    expect(small!.jitter).toEqual({
      probability: 0.8,
      brightness: 0.4,
      contrast: 0.4,
      saturation: 0.4,
      hue: 0.1,
    });
    expect(small!.blur).toBeNull();
    const [chosen] = simclrViews({ size: 32, strength: 1, blur: true, scale: [0.2, 1], normalize: null });
    expect(chosen).toMatchObject({
      jitter: { hue: 0.2 },
      blur: { kernel: 3 },
      crop: { scale: [0.2, 1] },
      normalize: null,
    });
  });

  test("MoCo v2 are two alike, bilinear, from a fifth of the area", () => {
    const [first, second] = mocoV2Views({ size: 224 });
    expect(first).toMatchObject({
      crop: { scale: [0.2, 1], ratio, interpolation: "bilinear" },
      jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
      greyscale: 0.2,
      blur: { probability: 0.5, sigma },
      solarize: null,
      normalize: imagenet,
    });
    expect(second).toEqual({ ...first, name: "second" });
  });

  test("AMDIM are two alike, never blurred, whose hue moves more where they are small", () => {
    const [first, second] = amdimViews({ size: 128 });
    expect(first).toMatchObject({
      crop: { scale: [0.3, 1], ratio: [0.7, 1.4], interpolation: "bicubic" },
      jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
      greyscale: 0.25,
      blur: null,
    });
    expect(second).toEqual({ ...first, name: "second" });
    expect(amdimViews({ size: 64 })[0]!.jitter!.hue).toBe(0.2);
  });

  test("BYOL differ in blur and solarising", () => {
    const [first, second] = byolViews({ size: 224 });
    expect(first).toMatchObject({
      crop: { scale: [0.08, 1], ratio, interpolation: "bicubic" },
      jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 },
      greyscale: 0.2,
      blur: { probability: 1, sigma, kernel: 23 },
      solarize: null,
    });
    expect(second!.blur!.probability).toBe(0.1);
    expect(second!.solarize).toEqual({ probability: 0.2, threshold: 0.5 });
  });

  test("SwAV are two global and six local ones, alike but for size and area", () => {
    const views = swavViews({ globalSize: 224 });
    expect(views.map(({ size }) => size)).toEqual([224, 224, ...new Array(6).fill(96)]);
    expect(views.map(({ crop }) => crop.scale)).toEqual([
      ...new Array(2).fill([0.14, 1]),
      ...new Array(6).fill([0.05, 0.14]),
    ]);
    for (const view of views)
      expect(view).toMatchObject({
        crop: { ratio, interpolation: "bilinear" },
        jitter: { probability: 0.8, brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2 },
        greyscale: 0.2,
        blur: { probability: 0.5, sigma },
        solarize: null,
        normalize: imagenet, // where the authors' code has a deviation of .228 for red
      });
    expect(swavViews({ globalSize: 32, localCrops: 0 })).toHaveLength(2);
  });

  test("DINO are two global ones, the second solarised, and local ones", () => {
    const views = dinoViews({ globalSize: 224 });
    expect(views.map(({ size }) => size)).toEqual([224, 224, ...new Array(8).fill(96)]);
    expect(views.map(({ blur }) => blur?.probability)).toEqual([1, 0.1, ...new Array(8).fill(0.5)]);
    expect(views.map(({ solarize }) => solarize?.probability ?? 0)).toEqual([
      0,
      0.2,
      ...new Array(8).fill(0),
    ]);
    expect(views.map(({ crop }) => crop.scale[0])).toEqual([0.4, 0.4, ...new Array(8).fill(0.05)]);
    expect(views.map(({ crop }) => crop.scale[1])).toEqual([1, 1, ...new Array(8).fill(0.4)]);
    expect(new Set(views.map(({ name }) => name)).size).toBe(10);
    // PIL inverts the levels from 128 on: a threshold between 127 and 128 of 255.
    expect(Math.ceil(255 * views[1]!.solarize!.threshold)).toBe(128);
    for (const { crop, jitter, normalize } of views) {
      expect(crop.interpolation).toBe("bicubic");
      expect(jitter).toEqual({ probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 });
      expect(normalize).toEqual(imagenet);
    }
  });

  test("DINO can have other sizes, no local ones, and no blur on small pictures", () => {
    const views = dinoViews({ globalSize: 32, localSize: 16, localCrops: 2, localScale: [0.1, 0.5] });
    expect(views.map(({ size, blur }) => [size, blur])).toEqual([
      [32, null],
      [32, null],
      [16, null],
      [16, null],
    ]);
    expect(views[3]!.crop.scale).toEqual([0.1, 0.5]);
    expect(dinoViews({ globalSize: 96, localCrops: 0 })).toHaveLength(2);
  });

  test.each([
    ["MAE", maeViews, [0.2, 1], "bicubic", 0.5],
    ["SimMIM", simmimViews, [0.67, 1], "bilinear", 0.5],
    ["I-JEPA", ijepaViews, [0.3, 1], "bilinear", 0],
  ] as const)("%s are one, in its own colours", (_name, views, scale, interpolation, flip) => {
    expect(views({ size: 224 })).toEqual([
      {
        name: "picture",
        size: 224,
        crop: { scale, ratio, interpolation },
        flip,
        jitter: null,
        greyscale: 0,
        blur: null,
        solarize: null,
        normalize: imagenet,
      },
    ]);
  });

  test("every set can be made at every size", () => {
    for (const size of [8, 16, 32, 64, 96, 128, 224, 384]) {
      const all = [
        ...simclrViews({ size }),
        ...amdimViews({ size }),
        ...mocoV2Views({ size }),
        ...byolViews({ size }),
        ...swavViews({ globalSize: size }),
        ...dinoViews({ globalSize: size }),
        ...maeViews({ size }),
        ...simmimViews({ size }),
        ...ijepaViews({ size }),
      ];
      for (const spec of all) expect(checkViewSpec(spec).normalize).toEqual(NORMALIZATION);
    }
  });
});
