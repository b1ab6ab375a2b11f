import { readFile } from "node:fs/promises";
import { decodeSafetensors, encodeSafetensors } from "../../formats/safetensors.ts";
import { writeFileWhole } from "../../train/node/write-file.ts";
import type { Values } from "../../train/values.ts";
import type { BestStore, BestWeights } from "../../transfer/best-weights.ts";

/** Keeps the weights of the best epoch in a file, such as the run's `checkpoints/best.safetensors`. */
export class FolderBest implements BestStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A damaged file counts as none. */
  async read(): Promise<BestWeights | null> {
    try {
      const { arrays, metadata } = decodeSafetensors(await readFile(this.#path));
      const values: Values = new Map();
      for (const [path, { data }] of arrays) if (data instanceof Float32Array) values.set(path, data);
      return { step: Number(metadata.step), values };
    } catch {
      return null;
    }
  }

  async write({ step, values }: BestWeights): Promise<void> {
    const arrays = [...values].map(
      ([path, data]) => [path, { dtype: "F32" as const, shape: [data.length], data }] as const,
    );
    await writeFileWhole(this.#path, encodeSafetensors(new Map(arrays), { step: `${step}` }));
  }
}
