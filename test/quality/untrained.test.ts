import { expect, test } from "vitest";
import { familyOf } from "../../quality/recipe.ts";
import { UNTRAINED, untrainedOf } from "../../quality/untrained.ts";
import { encoderOf } from "../../src/methods/encoder-of.ts";
import { METHODS } from "../../src/methods/index.ts";
import { initialEncoderValues } from "../../src/train/values.ts";

test("every method starts from one of the untrained networks, of its own family", () => {
  const all = UNTRAINED.flatMap(({ methods }) => methods);
  expect(all.toSorted()).toEqual(METHODS.map(({ name }) => name).toSorted());
  for (const method of METHODS) expect(untrainedOf(method.name)!.family).toBe(familyOf(method));
  expect(untrainedOf("simclear")).toBeUndefined();
});

test("the plain backbones have the names of their families", () => {
  expect(untrainedOf("instdisc")!.name).toBe("untrained-resnet");
  expect(untrainedOf("ibot")!.name).toBe("untrained-vit");
});

test("networks with other initial values are separate: the last scale of each block is 0 in BYOL's", () => {
  const values = (method: string) =>
    initialEncoderValues(encoderOf(untrainedOf(method)!.config), { imageSize: 24, seed: 0 });
  const scale = "layer1.0.bn2.weight";
  expect(values("instdisc").get(scale)![0]).toBe(1);
  expect(values("byol").get(scale)![0]).toBe(0);
  expect(untrainedOf("vicreg")).toBe(untrainedOf("byol"));
  expect(untrainedOf("mae")).not.toBe(untrainedOf("simmim")); // other distributions
});
