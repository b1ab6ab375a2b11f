/** Small files of public weights, with values that are computed from names. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Backbone } from "../../src/backbones/index.ts";
import { encodeSafetensors, type NamedArrays } from "../../src/formats/index.ts";
import { Scope } from "../../src/nn/scope.ts";
import { Variables } from "../../src/nn/variables.ts";
import { input } from "../../src/tensor/index.ts";
import type { WeightSource } from "../../src/weights/index.ts";
import { deterministicWeight } from "./deterministic.ts";

export type Shapes = Record<string, readonly number[]>;

/** The shapes of a backbone's variables by our names, which are timm's and torchvision's. */
export function shapesOf(backbone: Backbone, imageSize: number): Shapes {
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: false, trainable: true });
  backbone.build(scope, input("pictures", [1, 3, imageSize, imageSize]));
  return Object.fromEntries(variables.all.map(({ path, shape }) => [path, shape]));
}

/** Arrays with values by their names. */
export function arraysOf(shapes: Shapes): NamedArrays {
  const entries = Object.entries(shapes).map(([name, shape]) => {
    return [name, { dtype: "F32" as const, shape, data: deterministicWeight(name, shape) }] as const;
  });
  return new Map(entries);
}

/** The same in memory, where nothing has been read yet. */
export function sourceOf(
  shapes: Shapes,
  more: Partial<Pick<WeightSource, "config" | "preprocessor">> = {},
): WeightSource {
  const tensors = new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const load = () => ({ dtype: "F32" as const, shape, data: deterministicWeight(name, shape) });
      return [name, { dtype: "F32" as const, shape, load }] as const;
    }),
  );
  return { where: "the test", form: "safetensors", tensors, config: null, preprocessor: null, ...more };
}

/** With `prefix` before every name. */
export function under(prefix: string, shapes: Shapes): Shapes {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${prefix}${name}`, shape]));
}

/** Writes a folder of files: arrays as safetensors, objects as JSON. */
export function writeFolder(folder: string, files: Record<string, NamedArrays | object>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const data = content instanceof Map ? encodeSafetensors(content as NamedArrays) : JSON.stringify(content);
    writeFileSync(join(folder, name), data);
  }
  return folder;
}
