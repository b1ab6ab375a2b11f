/** A ViT of two narrow blocks, for tests of jobs that would learn nothing more from `vit_tiny`'s twelve. */
import { addBackbone, vit } from "../../src/backbones/index.ts";
import { vitSettings, vitSettingsOf } from "../../src/backbones/vit-settings.ts";

export const TWO_BLOCK_VIT = "two_block_vit";

const options = vitSettings.pick({ patch: true, dropPath: true }).required();

addBackbone({
  ...{ name: TWO_BLOCK_VIT, family: "vit", options },
  make: ({ imageSize, ...chosen }) =>
    vit(TWO_BLOCK_VIT, { ...vitSettingsOf("tiny", imageSize, chosen), width: 24, depth: 2 }),
  restore: (name, settings) => vit(name, vitSettings.parse(settings)),
});
