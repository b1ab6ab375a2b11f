import { expect, test } from "vitest";
import { drawMix, MIX } from "../augment/mix-pictures.ts";
import { drawErasing, ERASING } from "../augment/random-erasing.ts";
import { randomStream } from "../random/random-stream.ts";
import { erasingDraws, mixDraw } from "./picture-draws.ts";

test("the draw of a mix has six numbers and a partner for each picture, as drawMix writes them", () => {
  const draw = mixDraw(MIX, 32);
  expect([draw.name, draw.stage, draw.per, draw.shape(5)]).toEqual(["mix", "both", "part", [11]]);
  const [out, expected] = [new Float32Array(11), new Float32Array(11)];
  draw.fill(out, randomStream(1, "draw/mix", 4, 0), -1);
  drawMix(MIX, 32, randomStream(1, "draw/mix", 4, 0), expected);
  expect(out).toEqual(expected);
});

test("the draws of erasing are a box for each picture and standard normal noise, which a mean colour does without", () => {
  const always = { ...ERASING, probability: 1 };
  const [boxes, noise] = erasingDraws(always, 16);
  expect([boxes!.shape(3), noise!.shape(3)]).toEqual([
    [3, 4],
    [3, 3, 16, 16],
  ]);
  const box = new Float32Array(4);
  boxes!.fill(box, randomStream(1, "draw/erase", 0, 7), 7);
  expect([...box]).toEqual(drawErasing(always, 16, randomStream(1, "draw/erase", 0, 7)));
  const drawn = new Float32Array(768);
  noise!.fill(drawn, randomStream(1, "draw/erase.noise", 0, 7), 7);
  const mean = (power: number) => drawn.reduce((sum, x) => sum + x ** power, 0) / drawn.length;
  expect(Math.abs(mean(1))).toBeLessThan(4 / Math.sqrt(768));
  expect(Math.abs(mean(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / 768));
  expect(erasingDraws({ ...always, fill: "mean" }, 16)).toHaveLength(1);
});
