import { describe, expect, it } from "vitest";
import { canvasFor, configure } from "../jobs/configure.ts";
import { flagOf } from "../jobs/flag-of.ts";
import { chooseBySize } from "../jobs/sizes/choose-by-size.ts";
import { findMethod } from "../methods/index.ts";
import { CHOICES, toJobChoices } from "./choices.ts";

describe("the choices of pretrain", () => {
  it("state in their help the defaults that the job decides", () => {
    const data = { path: "pictures", fingerprint: "x", pictures: 10_000 };
    const config = configure({}, data);
    const vit = configure({ backbone: "vit_tiny" }, data);
    expect({
      method: config.method.name,
      seed: `${config.seed}`,
      dropPath: `${vit.backbone.settings.dropPath}`,
    }).toEqual({
      method: CHOICES.method.fallback,
      seed: CHOICES.seed.fallback,
      dropPath: CHOICES.dropPath.fallback,
    });
    expect(CHOICES.batchSize.fallback).toContain(`${config.batchSize}`);
    expect(CHOICES.canvas.fallback).toContain(`${canvasFor({ imageSize: 100 }) / 100}`);
    expect(CHOICES.stem.fallback).toContain(config.backbone.settings.stem);
    expect(CHOICES.patch.fallback).toContain(`${vit.backbone.settings.patch} from 64`);
  });

  it("say of sizes that they follow from the pictures, within the bounds that hold", () => {
    for (const name of ["epochs", "imageSize", "width"] as const)
      expect(CHOICES[name].fallback).toMatch(/^by the number/);
    const epochsOf = (pictures: number) =>
      chooseBySize({ imageSize: 16 }, { pictures, side: 16 }, findMethod("simclr")).epochs;
    expect(CHOICES.epochs.fallback).toContain(`from ${epochsOf(5_000_000)} to ${epochsOf(20)}`);
  });

  it("reach the job under its own names, those not made left out", () => {
    expect(toJobChoices({ epochs: 3, width: 0.5 })).toEqual({
      epochs: 3,
      backboneOptions: { widthMultiplier: 0.5 },
    });
  });

  it("have flags with hyphens", () => {
    expect(flagOf("checkpointEvery")).toBe("--checkpoint-every");
  });
});
