import { describe, expect, test } from "vitest";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { randomStream } from "../random/index.ts";
import { input } from "../tensor/index.ts";
import { backboneOptions } from "./backbone-options.ts";
import {
  BACKBONES,
  backboneChoices,
  createBackbone,
  type FreeBackboneOptions,
  restoreBackbone,
} from "./index.ts";

const IMAGE_SIZE = 32;
const ANY = backboneOptions.shape;

/** Options none of which is the default. */
const DIFFERENT: Record<"resnet" | "vit", FreeBackboneOptions[]> = {
  resnet: [
    {},
    { widthMultiplier: 0.25, stem: "imagenet", norm: "group", zeroInit: true },
    { widthMultiplier: 1, stem: "cifar", norm: "batch", zeroInit: false },
    { stem: "imagenet", outputStride: 8 },
    { stem: "cifar", outputStride: 8 },
  ],
  vit: [
    {},
    { patch: 8, dropPath: 0, positions: "sincos", classToken: false, init: "moco" },
    { patch: 4, positions: "learned", classToken: true, init: "timm" },
  ],
};

describe.each(BACKBONES)("$name", (entry) => {
  const backbone = entry.make({ imageSize: IMAGE_SIZE });

  test("comes back from the name and the settings that a run keeps, as JSON", () => {
    const settings = JSON.parse(JSON.stringify(backbone.settings)) as typeof backbone.settings;
    const again = restoreBackbone(backbone.name, settings);
    expect({ ...again, build: null }).toEqual({ ...backbone, build: null });
  });

  test("carries a name that leads to its own entry alone", () => {
    const owners = BACKBONES.filter(
      ({ name }) => backbone.name === name || backbone.name.startsWith(`${name}_`),
    );
    expect(owners).toEqual([entry]);
  });

  test("says which options lead to the settings that a run keeps, and is made of them again", () => {
    for (const options of DIFFERENT[entry.family as keyof typeof DIFFERENT]) {
      const made = entry.make({ imageSize: IMAGE_SIZE, ...options });
      const { backbone: name, backboneOptions } = backboneChoices(made);
      expect(name).toBe(entry.name);
      expect(backboneOptions).toMatchObject(options);
      expect(Object.keys(backboneOptions).sort()).toEqual(Object.keys(entry.options.shape).sort());
      const again = createBackbone(name, { imageSize: IMAGE_SIZE, ...backboneOptions });
      expect({ ...again, build: null }).toEqual({ ...made, build: null });
    }
  });

  test("takes for its options what any backbone does, in the same words", () => {
    for (const [name, option] of Object.entries(entry.options.shape))
      expect(ANY[name as keyof typeof ANY]).toBe(option);
  });

  test("refuses the options of others", () => {
    const all = { widthMultiplier: 1, stem: "cifar", patch: 4, dropPath: 0 } as const;
    for (const [option, value] of Object.entries(all)) {
      const create = () => createBackbone(entry.name, { imageSize: IMAGE_SIZE, [option]: value });
      if (option in entry.options.shape) expect(create).not.toThrow();
      else expect(create).toThrow(`${entry.name} has no such option (\`${option}\`)`);
    }
  });
});

test("an unknown name is answered with the names there are", () => {
  expect(() => createBackbone("resnet19", { imageSize: IMAGE_SIZE })).toThrow(
    /resnet18, .*vit_base; got resnet19/,
  );
  expect(() => restoreBackbone("swin_tiny", {})).toThrow(/one of resnet18/);
});

test.each(["resnet18", "resnet50"])("%s starts with blocks that are their shortcuts, if asked to", (name) => {
  const backbone = createBackbone(name, { imageSize: IMAGE_SIZE, widthMultiplier: 1 / 8, zeroInit: true });
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: true, trainable: true });
  backbone.build(scope, input("pictures", [2, 3, IMAGE_SIZE, IMAGE_SIZE]));
  const last = name === "resnet18" ? /^layer.*bn2\.weight$/ : /^layer.*bn3\.weight$/;
  for (const { path, shape, initial } of variables.all) {
    if (!/(bn\d|downsample\.1)\.weight$/.test(path)) continue;
    const scale = last.test(path) ? 0 : 1;
    expect([...initial(shape, randomStream(0, path, 0, 0))], path).toEqual(new Array(shape[0]).fill(scale));
  }
});

test.each(BACKBONES.filter(({ family }) => family === "vit"))(
  "$name names its layers, which hold parameters",
  (entry) => {
    const backbone = entry.make({ imageSize: IMAGE_SIZE });
    const variables = new Variables();
    const scope = new Scope(variables, "", { training: false, trainable: true });
    backbone.build(scope, input("pictures", [1, 3, IMAGE_SIZE, IMAGE_SIZE]));
    const layerOf = (path: string) => backbone.layers!.findIndex((prefix) => path.startsWith(`${prefix}.`));
    const found = new Set(variables.parameters.map(({ path }) => layerOf(path)));
    expect([...found].sort((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, layer) => layer - 1));
    const first = variables.parameters.filter(({ path }) => layerOf(path) < 0).map(({ path }) => path);
    expect(first).toEqual(["patch_embed.proj.weight", "patch_embed.proj.bias", "pos_embed", "cls_token"]);
  },
);
