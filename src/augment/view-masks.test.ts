import { describe, expect, it } from "vitest";
import { randomStream } from "../random/random-stream.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import type { ViewDraw } from "./draw-view.ts";
import { maskViews } from "./view-masks.ts";
import { PARAMETER_COUNT, writeViewParameters } from "./view-parameters.ts";
import { cropAndFlipView } from "./view-sets.ts";

const CANVAS = 12;
const random = randomStream(0, "masks", 0, 0);
const MASKS = Uint8Array.from({ length: 3 * CANVAS ** 2 }, () => random.integer(0, 256));

/** Crops with sides that divide the view, that do not, and of one pixel; flipped or not. */
const CROPS: ViewDraw["crop"][] = [
  { top: 0, left: 0, height: 12, width: 12 },
  { top: 3, left: 1, height: 7, width: 5 },
  { top: 11, left: 4, height: 1, width: 8 },
];

const drawOf = (crop: ViewDraw["crop"], flip: boolean): ViewDraw => ({
  ...{ crop, flip, jitter: [], greyscale: false, sigma: null, solarize: false },
});

/**
 * PyTorch's nearest-exact, written plainly: ⌊(i + ½) · extent / size⌋ within the crop, mirrored if flipped.
 */
function nearest(picture: number, { crop, flip }: ViewDraw, size: number): number[] {
  const values: number[] = [];
  for (let y = 0; y < size; y++) {
    for (let i = 0; i < size; i++) {
      const x = flip ? size - 1 - i : i;
      const row = crop.top + Math.floor(((2 * y + 1) * crop.height) / (2 * size));
      const column = crop.left + Math.floor(((2 * x + 1) * crop.width) / (2 * size));
      values.push(MASKS[picture * CANVAS ** 2 + row * CANVAS + column]!);
    }
  }
  return values;
}

describe.each([4, 5, 12, 17])("masks in views of %i pixels", (size) => {
  const spec = { ...cropAndFlipView({ size, scale: [0.5, 1] }), flip: 0.5 };
  const views = [false, true].map((flip) => CROPS.map((crop) => drawOf(crop, flip)));

  it("have the class of the nearest pixel of the crop, flipped with the picture", async () => {
    const parameters = views.map((draws) => {
      const rows = new Float32Array(draws.length * PARAMETER_COUNT);
      for (const [row, draw] of draws.entries()) writeViewParameters(spec, draw, rows, row * PARAMETER_COUNT);
      return rows;
    });
    const inputs = parameters.map((_, v) => input(`view.${v}`, [CROPS.length, PARAMETER_COUNT]));
    const masks = input("masks", [CROPS.length, CANVAS, CANVAS], "uint8");
    const program = compile({ views: maskViews(masks, inputs, [spec, spec]) });
    const feeds = Object.fromEntries(parameters.map((rows, v) => [`view.${v}`, rows]));
    const { views: got } = await runOnce(program, { ...feeds, masks: MASKS });
    const expected = views.flatMap((draws) => draws.flatMap((draw, i) => nearest(i, draw, size)));
    expect(got).toBeInstanceOf(Int32Array);
    expect(Array.from(got as Int32Array)).toEqual(expected);
  });
});
