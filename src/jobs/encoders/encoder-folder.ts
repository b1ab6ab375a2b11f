/**
 * The folder of an imported encoder: `encoder.json` says what it is, `encoder.safetensors` holds its weights.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Preprocessing } from "../../augment/preprocessing.ts";
import type { Backbone } from "../../backbones/index.ts";
import { restoreBackbone } from "../../backbones/index.ts";
import { cannotRead } from "../../data/node/fs-error.ts";
import { inFile } from "../../data/node/read-bytes.ts";
import { MOST_PIXELS } from "../../data/picture-dataset.ts";
import { AfterimageError } from "../../errors.ts";
import { floatsOf, indexSafetensors, type NamedArrays } from "../../formats/index.ts";
import { safetensorsParts } from "../../formats/safetensors.ts";
import { writeFilesWhole } from "../../train/node/write-file.ts";
import { encoderShapes, type Values } from "../../train/values.ts";
import { openFileBytes } from "../../weights/node/file-bytes.ts";

const FORMAT = "afterimage-encoder-1";
const triple = z.tuple([z.number(), z.number(), z.number()]).readonly();

const factsSchema = z.object({
  format: z.literal(FORMAT),
  recognised: z.string(),
  source: z.object({ path: z.string(), form: z.string(), family: z.string(), prefix: z.string() }),
  backbone: z.object({ name: z.string(), settings: z.record(z.string(), z.unknown()) }),
  parameters: z.int().min(0),
  imageSize: z.int().min(1).max(MOST_PIXELS),
  preprocessing: z.object({
    interpolation: z.enum(["bilinear", "bicubic"]),
    normalize: z.object({ mean: triple, std: triple }),
    cropShare: z.number().positive().max(1),
  }),
});

/** What `encoder.json` says. */
export type EncoderFacts = z.infer<typeof factsSchema>;

export interface EncoderFolderPaths {
  facts: string;
  weights: string;
}

export function encoderPaths(folder: string): EncoderFolderPaths {
  return { facts: join(folder, "encoder.json"), weights: join(folder, "encoder.safetensors") };
}

/** Whether there is an imported encoder in the folder. */
export function isEncoderFolder(folder: string): boolean {
  return existsSync(encoderPaths(folder).facts);
}

/** @throws AfterimageError `export/write`; both files are then as they were. */
export async function writeEncoderFolder(
  folder: string,
  { format: _, ...facts }: EncoderFacts,
  { backbone, values }: { backbone: Backbone; values: Values },
): Promise<void> {
  const paths = encoderPaths(folder);
  const shapes = encoderShapes(backbone, facts.imageSize);
  const arrays: NamedArrays = new Map();
  for (const [name, data] of values) arrays.set(name, { dtype: "F32", shape: shapes.get(name)!, data });
  // "pt" is what Python's readers expect of weights.
  const weights = safetensorsParts(arrays, { format: "pt", backbone: backbone.name });
  const text = `${JSON.stringify({ format: FORMAT, ...facts }, null, 2)}\n`;
  await writeFilesWhole([
    { path: paths.weights, content: weights },
    { path: paths.facts, content: text },
  ]);
}

export interface LoadedEncoder {
  facts: EncoderFacts;
  backbone: Backbone;
  values: Values;
  imageSize: number;
  preprocessing: Preprocessing;
}

/**
 * @throws AfterimageError `data/missing`, `data/unreadable` and `data/format` for files that cannot be read;
 * `weights/misfit` for weights of another network than `encoder.json` says.
 */
export function readEncoderFolder(folder: string): LoadedEncoder {
  const paths = encoderPaths(folder);
  const facts = readFacts(paths.facts);
  const { imageSize, preprocessing } = facts;
  const backbone = restoreBackbone(facts.backbone.name, facts.backbone.settings);
  return {
    facts,
    backbone,
    values: readValues(paths.weights, backbone, imageSize),
    imageSize,
    preprocessing,
  };
}

function readFacts(path: string): EncoderFacts {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cannotRead("the encoder", path, cause);
    throw new AfterimageError("data/format", { what: "this file is not JSON", where: path }, { cause });
  }
  const result = factsSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new AfterimageError("data/format", {
    what: "this is no description of an encoder that can be read",
    where: [path, ...issue.path].join(", "),
    got: issue.message,
    todo: "Import the weights again.",
  });
}

function readValues(path: string, backbone: Backbone, imageSize: number): Values {
  const bytes = openFileBytes(path);
  try {
    const { arrays } = inFile(path, () => indexSafetensors(bytes));
    const shapes = encoderShapes(backbone, imageSize);
    for (const [name, shape] of shapes) {
      const got = arrays.get(name)?.shape;
      if (`${got}` !== `${shape}`) throw otherNetwork(path, name, shape, got);
    }
    return new Map([...shapes.keys()].map((name) => [name, floatsOf(arrays.get(name)!.load())]));
  } finally {
    bytes.close();
  }
}

function otherNetwork(
  where: string,
  name: string,
  shape: readonly number[],
  got: readonly number[] | undefined,
): AfterimageError {
  return new AfterimageError("weights/misfit", {
    what: "these weights are of another network than encoder.json says",
    where,
    expected: `${name} [${shape.join(", ")}]`,
    got: got === undefined ? "none" : `[${got.join(", ")}]`,
    todo: "Import the weights again.",
  });
}
