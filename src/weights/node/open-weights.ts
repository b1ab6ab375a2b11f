/**
 * Opens a file or folder of weights: Hugging Face's, timm's, an authors' checkpoint, or one safetensors file.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { cannotRead } from "../../data/node/fs-error.ts";
import { inFile } from "../../data/node/read-bytes.ts";
import { AfterimageError } from "../../errors.ts";
import { decodeTorch, indexSafetensors, isTorchFile, type StoredArray } from "../../formats/index.ts";
import { tensorsOf } from "../tensors-of.ts";
import type { WeightSource } from "../weight-source.ts";
import { type FileBytes, openFileBytes } from "./file-bytes.ts";

/** Weights whose files are open. */
export interface OpenWeights extends WeightSource {
  close(): void;
}

/** What a folder's weights are called, the first that is there. Those with an index come in several files. */
const USUAL = [
  "model.safetensors",
  "model.safetensors.index.json",
  "pytorch_model.bin",
  "pytorch_model.bin.index.json",
];
const ENDINGS = [".safetensors", ".pth", ".pt", ".bin", ".ckpt", ".tar"];
const INDEX = ".index.json";
/** An index or a configuration of the largest models has less than a MB. */
const LARGEST_JSON = 64 * 2 ** 20;

/**
 * Opens the file, or the one of the folder. Tensors are read when they are asked for; nothing in a file is
 * executed.
 *
 * @throws AfterimageError `data/missing`, `data/unreadable` and `data/format` for what cannot be read;
 * `weights/unknown` for a folder without weights, or with several.
 */
export function openWeights(path: string): OpenWeights {
  const file = statOf(path).isDirectory() ? join(path, fileOf(path)) : path;
  const opened: FileBytes[] = [];
  const close = () => {
    for (const one of opened.splice(0)) one.close();
  };
  try {
    const content = file.endsWith(INDEX) ? openShards(file, opened) : openOne(file, opened);
    return { where: path, ...content, ...configurationsOf(file), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** What is beside the weights; beside a file of another name only what is a model's. */
function configurationsOf(file: string): Pick<WeightSource, "config" | "preprocessor"> {
  const read = (name: string) => readJson(join(dirname(file), name));
  const config = read("config.json");
  const isModels = typeof (config?.model_type ?? config?.architecture) === "string";
  if (!isModels && !USUAL.includes(basename(file))) return { config: null, preprocessor: null };
  return { config, preprocessor: read("preprocessor_config.json") };
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch (cause) {
    throw cannotRead("the weights", path, cause);
  }
}

function fileOf(folder: string): string {
  const names = readdirSync(folder).sort();
  const usual = USUAL.find((name) => names.includes(name));
  if (usual !== undefined) return usual;
  const fitting = names.filter((name) => ENDINGS.includes(extname(name).toLowerCase()));
  if (fitting.length === 1) return fitting[0]!;
  throw new AfterimageError("weights/unknown", {
    what: fitting.length === 0 ? "this folder has no weights" : "this folder has several files of weights",
    where: folder,
    expected: `${USUAL.join(", ")}, or one file that ends in ${ENDINGS.slice(0, 4).join(", ")}`,
    got: fitting.length === 0 ? `${names.length} other files` : fitting.slice(0, 4).join(", "),
    ...(fitting.length > 0 && { todo: "Name the file instead of the folder." }),
  });
}

type Opened = Pick<WeightSource, "tensors" | "form">;

/** A file by what is in it, whatever its name. */
function openOne(path: string, opened: FileBytes[]): Opened {
  const bytes = openFileBytes(path);
  opened.push(bytes);
  return inFile(path, () => {
    if (!isTorchFile(bytes)) return { form: "safetensors", tensors: requireSafetensors(bytes) };
    const { form, value } = decodeTorch(bytes);
    return { form: `PyTorch (${form})`, tensors: tensorsOf(value) };
  });
}

function requireSafetensors(bytes: FileBytes): ReadonlyMap<string, StoredArray> {
  // Eight bytes of length, then JSON.
  if (bytes.length > 8 && bytes.read(8, 9)[0] === "{".charCodeAt(0)) return indexSafetensors(bytes).arrays;
  throw new AfterimageError("data/format", {
    what: "this file holds no weights that can be read",
    expected: "safetensors, or a file of torch.save",
    got: bytes.length === 0 ? "an empty file" : "something else",
  });
}

/** Several files, with an index that says which of them has a tensor. */
function openShards(path: string, opened: FileBytes[]): Opened {
  const weightMap = readJson(path)?.weight_map;
  if (!isRecord(weightMap)) throw wrongIndex(path, "weight_map with a file for each tensor", "none");
  const shards = new Map<string, Opened>();
  for (const file of new Set(Object.values(weightMap))) {
    if (typeof file !== "string" || file !== basename(file) || file === "..")
      throw wrongIndex(path, "names of files in the same folder", JSON.stringify(file).slice(0, 120));
    shards.set(file, openOne(join(dirname(path), file), opened));
  }
  const tensors = new Map<string, StoredArray>();
  for (const [name, file] of Object.entries(weightMap)) {
    const tensor = shards.get(file as string)!.tensors.get(name);
    if (tensor === undefined) throw wrongIndex(path, `${name} in ${file}`, "none");
    tensors.set(name, tensor);
  }
  return { tensors, form: [...shards.values()][0]?.form ?? "safetensors" };
}

function wrongIndex(where: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("data/format", {
    what: "the index of the weights does not fit its files",
    ...{ where, expected, got },
  });
}

/** An object in a JSON file; null if there is no such file. */
function readJson(path: string): Record<string, unknown> | null {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) return null;
  let value: unknown;
  try {
    value = info.size <= LARGEST_JSON ? JSON.parse(readFileSync(path, "utf8")) : null;
  } catch (cause) {
    throw new AfterimageError("data/format", { what: "this file is not JSON", where: path }, { cause });
  }
  if (isRecord(value)) return value;
  throw new AfterimageError("data/format", {
    what: "this file holds no configuration",
    where: path,
    expected: "a JSON object",
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
