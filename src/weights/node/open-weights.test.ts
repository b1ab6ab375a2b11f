import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf, legacyFile, named, text, tuple } from "../../../test/support/pickle-writer.ts";
import { arraysOf, writeFolder } from "../../../test/support/weight-files.ts";
import { AfterimageError } from "../../errors.ts";
import { encodeSafetensors } from "../../formats/index.ts";
import { openWeights } from "./open-weights.ts";

let folder: string;
const at = (name: string) => join(folder, name);
const fixture = (name: string) => new URL(`../../../test/fixtures/torch/${name}`, import.meta.url);
const [first, second] = [arraysOf({ a: [2, 3] }), arraysOf({ b: [4], c: [] })];
const shards = {
  "model-00001-of-00002.safetensors": first,
  "model-00002-of-00002.safetensors": second,
};
const weightMap = {
  a: "model-00001-of-00002.safetensors",
  b: "model-00002-of-00002.safetensors",
  c: "model-00002-of-00002.safetensors",
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "afterimage-weights-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a path holds, with the file closed again. */
function contents(path: string) {
  const opened = openWeights(path);
  try {
    const { form, config, preprocessor, tensors } = opened;
    const values = [...tensors].map(([name, tensor]) => [name, [...tensor.load().data].map(Number)] as const);
    return { form, config, preprocessor, values: Object.fromEntries(values) };
  } finally {
    opened.close();
  }
}

const numbers = (arrays: ReturnType<typeof arraysOf>) =>
  Object.fromEntries([...arrays].map(([name, { data }]) => [name, [...data].map(Number)]));

describe("openWeights", () => {
  it("opens a folder of Hugging Face with what is beside its weights", () => {
    const path = writeFolder(at("hub"), {
      "model.safetensors": first,
      "config.json": { model_type: "vit" },
      "preprocessor_config.json": { size: 224 },
      "pytorch_model.bin": {},
    });
    expect(contents(path)).toEqual({
      form: "safetensors",
      config: { model_type: "vit" },
      preprocessor: { size: 224 },
      values: numbers(first),
    });
    expect(contents(join(path, "model.safetensors")).config).toEqual({ model_type: "vit" });
  });

  it("takes a configuration beside a file of another name where it is a model's", () => {
    const of = (name: string, config: object) =>
      contents(writeFolder(at(name), { "mine.safetensors": first, "config.json": config })).config;
    expect(of("model's", { architecture: "vit_small_patch16_224" })).not.toBeNull();
    expect(of("another", { version: 3 })).toBeNull();
  });

  it("opens weights that come in several files", () => {
    const path = writeFolder(at("shards"), {
      ...shards,
      "model.safetensors.index.json": { weight_map: weightMap },
    });
    expect(contents(path).values).toEqual({ ...numbers(first), ...numbers(second) });
  });

  it.each(["checkpoint.pth", "checkpoint-legacy.pth"])("opens %s under any name, by its contents", (name) => {
    const path = writeFolder(at(`of-${name}`), {});
    copyFileSync(fixture(name), join(path, "weights.bin"));
    const { form, values, config } = contents(path);
    expect(form).toBe(name.includes("legacy") ? "PyTorch (legacy)" : "PyTorch (zip)");
    expect(config).toBeNull();
    expect(Object.keys(values)).toContain("teacher.float32");
    expect(values["student.module.1.num_batches_tracked"]).toEqual([1]);
    expect(values["optimizer.state.0.step"]).toEqual([1]);
  });

  const file = (name: string, bytes: Uint8Array) => {
    writeFileSync(at(name), bytes);
    return at(name);
  };
  const indexed = (name: string, map: object) =>
    writeFolder(at(name), { ...shards, "model.safetensors.index.json": { weight_map: map } });

  it.each<[string, () => string, RegExp]>([
    ["nothing there", () => at("nothing"), /weights cannot be read.*not found/],
    [
      "no weights",
      () => writeFolder(at("none"), { "readme.json": {} }),
      /folder has no weights.*1 other files/,
    ],
    [
      "several",
      () => writeFolder(at("two"), { "a.safetensors": first, "b.safetensors": second }),
      /several files.*got a\.safetensors, b\.safetensors\. Name the file/,
    ],
    ["an empty file", () => file("empty.pth", new Uint8Array(0)), /holds no weights.*an empty file/],
    ["a picture", () => file("picture.bin", bytesOf("GIF89a and so on")), /holds no weights.*something else/],
    [
      "a configuration that is no JSON",
      () => {
        const path = writeFolder(at("broken"), { "model.safetensors": first });
        writeFileSync(join(path, "config.json"), "{");
        return path;
      },
      /not JSON.*config\.json/,
    ],
    [
      "a configuration that is a list",
      () => writeFolder(at("list"), { "model.safetensors": first, "config.json": [1] }),
      /holds no configuration.*config\.json/,
    ],
    [
      "an index that leads out",
      () => indexed("out", { a: "../../etc/passwd" }),
      /names of files in the same folder; got "\.\.\/\.\.\/etc\/passwd"/,
    ],
    ["an index of numbers", () => indexed("number", { a: 7 }), /names of files in the same folder; got 7/],
    [
      "an index of files that are not there",
      () => indexed("absent", { a: "model-3.safetensors" }),
      /cannot be read.*model-3\.safetensors/,
    ],
    [
      "an index of tensors that are elsewhere",
      () => indexed("moved", { a: weightMap.b }),
      /a in model-00002-of-00002\.safetensors; got none/,
    ],
    [
      "an index without files",
      () => writeFolder(at("bare"), { "model.safetensors.index.json": {} }),
      /weight_map/,
    ],
    [
      "half a file",
      () => {
        const bytes = encodeSafetensors(first);
        return file("half.safetensors", bytes.subarray(0, bytes.length - 5));
      },
      /overlap or leave gaps/,
    ],
    [
      "a pickle that would run something",
      () => file("evil.pth", legacyFile(bytesOf(named("os", "system"), tuple(text("true")), "R"))),
      /would run os\.system.*evil\.pth/s,
    ],
  ])("refuses %s", (_, make, says) => {
    const path = make();
    expect(() => contents(path)).toThrow(AfterimageError);
    expect(() => contents(path)).toThrow(says);
  });

  it("refuses a file of a terabyte that promises a zip, having read its ends", () => {
    const path = file("huge.pth", bytesOf("PK\u0003\u0004", new Uint8Array(100)));
    truncateSync(path, 2 ** 40);
    expect(() => contents(path)).toThrow(/the record that ends a zip archive/);
  });
});
