import { describe, expect, test } from "vitest";
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
