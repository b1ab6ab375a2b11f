import type { StoredArray } from "../formats/index.ts";

/** What a folder or a file of weights holds, before anything is made of it. */
export interface WeightSource {
  /** Where it is, for errors. */
  readonly where: string;
  /** The kind of file. */
  readonly form: "safetensors" | "PyTorch (zip)" | "PyTorch (legacy)";
  /** All tensors by name; in a checkpoint of nested dictionaries, keys are joined by points. */
  readonly tensors: ReadonlyMap<string, StoredArray>;
  /** `config.json` beside the weights, by Hugging Face or timm; null if there is none. */
  readonly config: Readonly<Record<string, unknown>> | null;
  /** `preprocessor_config.json` beside them. */
  readonly preprocessor: Readonly<Record<string, unknown>> | null;
}
