import { describe, expect, it } from "vitest";
import { findMethod } from "../methods/index.ts";
import { factsOf } from "../options/option-facts.ts";
import { chooseBySize } from "../runs/configure/choose-by-size.ts";
import { canvasFor, configure } from "../runs/configure/configure.ts";
import { pretrainOptions } from "./pretrain-options.ts";

const OPTIONS = { ...pretrainOptions.shape, ...pretrainOptions.shape.backboneOptions.unwrap().shape };
const fallback = (name: keyof typeof OPTIONS) => factsOf(OPTIONS[name]).fallback;

describe("the options of pretrain", () => {
  it("state in their help the defaults that the job decides", () => {
    const data = { path: "pictures", fingerprint: "x", pictures: 10_000 };
    const config = configure({}, data);
    const vit = configure({ backbone: "vit_tiny" }, data);
    expect({
      method: config.method.name,
      seed: `${config.seed}`,
      dropPath: `${vit.backbone.settings.dropPath}`,
    }).toEqual({ method: fallback("method"), seed: fallback("seed"), dropPath: fallback("dropPath") });
    expect(fallback("batchSize")).toContain(`${config.batchSize}`);
    expect(fallback("canvas")).toContain(`${canvasFor({ imageSize: 100 }) / 100}`);
    expect(fallback("stem")).toContain(config.backbone.settings.stem);
    expect(fallback("patch")).toContain(`${vit.backbone.settings.patch} from 64`);
  });

  it("say of sizes that they follow from the pictures, within the bounds that hold", () => {
    for (const name of ["epochs", "imageSize", "widthMultiplier"] as const)
      expect(fallback(name)).toMatch(/^by the number/);
    const epochsOf = (pictures: number) =>
      chooseBySize({ imageSize: 16 }, { pictures, side: 16 }, findMethod("simclr")).epochs;
    expect(fallback("epochs")).toContain(`from ${epochsOf(5_000_000)} to ${epochsOf(20)}`);
  });
});
