import { describe, expect, test } from "vitest";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { randomStream } from "../random/index.ts";
import { input } from "../tensor/index.ts";
import { BACKBONES, createBackbone, restoreBackbone } from "./index.ts";

const IMAGE_SIZE = 32;

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

  test("refuses the options of others", () => {
    const all = { widthMultiplier: 1, stem: "cifar", patch: 4, dropPath: 0 } as const;
    for (const [option, value] of Object.entries(all)) {
      const create = () => createBackbone(entry.name, { imageSize: IMAGE_SIZE, [option]: value });
      if ((entry.options as readonly string[]).includes(option)) expect(create).not.toThrow();
      else expect(create).toThrow(`${entry.name} has no such option (--`);
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
