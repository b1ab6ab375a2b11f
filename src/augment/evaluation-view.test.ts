import { describe, expect, test } from "vitest";
import { readFixture } from "../../test/support/fixtures.ts";
import { runOnce } from "../runtime/session.ts";
import { compile, input } from "../tensor/index.ts";
import { type EvaluationBox, type EvaluationSpec, evaluationBox, evaluationView } from "./evaluation-view.ts";
import { NORMALIZATION } from "./view-spec.ts";

const CANVAS = 40;
const fixture = readFixture("augment");

async function view(boxes: EvaluationBox[], spec: EvaluationSpec): Promise<Float32Array> {
  const b = boxes.length;
  const bytes = fixture.numbers("picture/square"); // fills its canvas
  const y = evaluationView(input("x", [b, 3, CANVAS, CANVAS], "uint8"), input("boxes", [b, 4]), spec);
  const results = await runOnce(compile({ y }), {
    x: Uint8Array.from({ length: b * bytes.length }, (_, i) => bytes[i % bytes.length]!),
    boxes: Float32Array.from(boxes.flat()),
  });
  return results.y as Float32Array;
}

function worst(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe("the box of evaluation", () => {
  test("is the central square of the picture", () => {
    expect(evaluationBox(30, 40)).toEqual([0, 5, 30, 30]);
    expect(evaluationBox(40, 31)).toEqual([4, 0, 31, 31]); // 4.5, halves to even
    expect(evaluationBox(7, 7)).toEqual([0, 0, 7, 7]);
    expect(evaluationBox(1, 9)).toEqual([0, 4, 1, 1]);
  });

  test("may be a share of the shorter side", () => {
    expect(evaluationBox(256, 300, 0.875)).toEqual([16, 38, 224, 224]);
    expect(evaluationBox(1, 1, 0.1)).toEqual([0, 0, 1, 1]);
  });
});

describe("the view of evaluation", () => {
  test("is torchvision's antialiased resize of each picture's box", async () => {
    const boxes: EvaluationBox[] = [
      [0, 0, 40, 40],
      [11, 2, 29, 38],
    ];
    for (const interpolation of ["bilinear", "bicubic"] as const) {
      const [whole] = [await view([boxes[0]!], { size: 16, interpolation, normalize: null })];
      const expected = fixture
        .floats(`resized_crop/square/0/${interpolation}`)
        .map((x) => Math.min(1, Math.max(0, x)));
      expect(worst(whole, expected)).toBeLessThan(1e-5);
      const both = await view(boxes, { size: 24, interpolation, normalize: null });
      const part = fixture
        .floats(`resized_crop/square/1/${interpolation}`)
        .map((x) => Math.min(1, Math.max(0, x)));
      expect(worst(both.slice(both.length / 2), part)).toBeLessThan(1e-5);
    }
  });

  test("normalises by channel when asked to", async () => {
    const size = CANVAS;
    const result = await view([[0, 0, size, size]], {
      size,
      interpolation: "bilinear",
      normalize: NORMALIZATION,
    });
    expect(worst(result, fixture.floats("normalize/square"))).toBeLessThan(1e-5);
  });
});
