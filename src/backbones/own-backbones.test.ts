import { describe, expect, it } from "vitest";
import * as z from "zod";
import { conv } from "../nn/layers.ts";
import { mean } from "../tensor/index.ts";
import type { Backbone } from "./backbone.ts";
import {
  addBackbone,
  BACKBONES,
  backboneChoices,
  createBackbone,
  knownBackbones,
  optionsKnownTo,
  restoreBackbone,
} from "./index.ts";
import type { OwnBackbone } from "./own-backbones.ts";

const schema = z.strictObject({
  channels: z.int().positive().default(4),
  norm: z.enum(["none", "batch"]).default("none"),
});
type Options = z.infer<typeof schema>;

/** One convolution; its name says its channels. */
function plain({ channels, norm }: Options, name = `plain_${channels}`): Backbone {
  return {
    ...{ name, family: "plain", features: channels, multipleOf: 1, batchNorm: norm === "batch" },
    settings: { channels, norm },
    build: (scope, x) => ({
      features: mean(conv(scope.at("conv"), x, { out: channels, kernel: 3 }), [2, 3]),
    }),
  };
}

const own: OwnBackbone<Options> = {
  name: "plain",
  options: schema,
  make: (options) => plain(options),
  restore: (name, settings) => plain(schema.parse(settings), name),
};

describe("a backbone of one's own", () => {
  addBackbone(own);

  it("is made by its name, from its options and their defaults", () => {
    const made = createBackbone("plain", { imageSize: 32, norm: "batch" });
    expect(made).toMatchObject({ name: "plain_4", features: 4, settings: { channels: 4, norm: "batch" } });
  });

  it("comes back from the name and the settings that a run keeps, and says which options gave them", () => {
    const made = createBackbone("plain", { imageSize: 32, channels: 6 });
    expect({ ...restoreBackbone(made.name, made.settings), build: null }).toEqual({ ...made, build: null });
    const choices = { backbone: "plain", backboneOptions: { channels: 6, norm: "none" } };
    expect(backboneChoices(made)).toEqual(choices);
  });

  it("stands behind those of the table, once", () => {
    addBackbone(own);
    expect(knownBackbones().map(({ name }) => name)).toEqual([...BACKBONES.map(({ name }) => name), "plain"]);
    expect(optionsKnownTo("plain", { channels: 2, patch: 4 })).toEqual({ channels: 2 });
  });

  it.each([
    ["an option that it does not have", { patch: 4 }, /plain has no such option \(`patch`\)/],
    ["a number out of range", { channels: 0 }, /\(`channels`\); expected a whole number, 1 or more; got 0/],
    ["a word that is none of its words", { norm: "bach" }, /one of none, batch.*Did you mean batch\?/],
  ])("refuses %s", (_name, options, message) => {
    expect(() => createBackbone("plain", { imageSize: 32, ...options } as never)).toThrow(message);
  });

  it("refuses settings that are none of it", () => {
    const restore = () => restoreBackbone("plain_4", { channels: "four" });
    expect(restore).toThrow(/plain_4 cannot have these settings \(backbone\.settings\)/);
    expect(restore).toThrow(expect.objectContaining({ code: "usage/value" }));
  });

  it("may not have a name by which its runs would be those of another", () => {
    for (const name of ["resnet18", "vit_tiny_mine"])
      expect(() => addBackbone({ ...own, name })).toThrow(`got ${name}. Give it another name`);
    addBackbone({ ...own, name: "misnamed" });
    expect(() => createBackbone("misnamed", { imageSize: 32 })).toThrow(
      /not be found again.*expected misnamed, or misnamed_ and a suffix; got plain_4/,
    );
  });

  it("is found by the longer of two names that fit", () => {
    addBackbone({
      ...own,
      name: "plain_wide",
      restore: (name) => plain({ channels: 64, norm: "none" }, name),
    });
    expect(restoreBackbone("plain_wide_64", {}).features).toBe(64);
    expect(restoreBackbone("plain_4", { channels: 4, norm: "none" }).features).toBe(4);
  });

  it("needs no options, and may be of a family that methods know", () => {
    const bare = { ...plain({ channels: 3, norm: "none" }, "bare"), family: "vit", settings: {} };
    addBackbone({ name: "bare", family: "vit", make: () => bare, restore: () => bare });
    expect(createBackbone("bare", { imageSize: 32 })).toBe(bare);
    expect(backboneChoices(bare)).toEqual({ backbone: "bare", backboneOptions: {} });
    expect(knownBackbones().find(({ name }) => name === "bare")!.family).toBe("vit");
  });
});
