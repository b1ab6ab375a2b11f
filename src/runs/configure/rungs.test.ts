import { expect, it } from "vitest";
import { addBackbone, createBackbone } from "../../backbones/index.ts";
import { findMethod } from "../../methods/index.ts";
import { rungsFor } from "./rungs.ts";

const simclr = findMethod("simclr");
const sizes = (backbone: string) => rungsFor({ backbone }, simclr, null);

it("chooses widths for a ResNet, and sizes alone for what has no widths", () => {
  expect(sizes("resnet18")[0]).toEqual({ imageSize: 48, widthMultiplier: 0.25 });
  expect(sizes("vit_tiny")).toEqual([32, 64, 96, 128].map((imageSize) => ({ imageSize })));
  const own = createBackbone("resnet18", { imageSize: 32 });
  addBackbone({ name: "no-widths", make: () => own, restore: () => own });
  expect(sizes("no-widths")).toEqual([48, 64, 96, 128, 160].map((imageSize) => ({ imageSize })));
});

it("leaves the size and the width that a user chose", () => {
  const asked = { backbone: "resnet18", imageSize: 40, backboneOptions: { widthMultiplier: 0.75 } };
  expect(rungsFor(asked, simclr, null)).toEqual([{ imageSize: 40, widthMultiplier: 0.75 }]);
});
