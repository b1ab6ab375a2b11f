/** What the places of a network's maps see of a picture. */
import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import { OWN_PREPROCESSING, type Preprocessing } from "../augment/preprocessing.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { createBackbone, knownBackbones } from "../backbones/index.ts";
import { AfterimageError } from "../errors.ts";
import { type EffectiveField, effectiveField } from "../evaluate/receptive-field/effective-field.ts";
import {
  fieldsByLayer,
  isIn,
  type LabelledField,
  type LayerField,
  labelledFields,
} from "../evaluate/receptive-field/layer-fields.ts";
import { onnxFields } from "../evaluate/receptive-field/onnx-fields.ts";
import { chooseThreads } from "../machine/choose-threads.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { decodeModel } from "../onnx/model.ts";
import { checkOptions } from "../options/check-options.ts";
import { optionName } from "../options/option-name.ts";
import { randomStream } from "../random/random-stream.ts";
import { canvasFor } from "../runs/configure/configure.ts";
import { Notes } from "../runs/notes.ts";
import { input } from "../tensor/index.ts";
import { writeFileWhole } from "../train/node/write-file.ts";
import type { RunConfig } from "../train/run-config.ts";
import { initialEncoderValues, type Values } from "../train/values.ts";
import { drawField } from "./draw-field.ts";
import { openEncoder } from "./open-encoder.ts";
import { withPictures } from "./pictures/open-for-run.ts";
import { readViews } from "./pictures/read-views.ts";
import { requireFilePlace } from "./places/require-file-place.ts";
import { type ReceptiveFieldOptions, receptiveFieldOptions } from "./receptive-field-options.ts";

export type { ReceptiveFieldOptions } from "./receptive-field-options.ts";

export interface ReceptiveFieldResult {
  target: string;
  /** What the target is; `run` for an imported encoder too. */
  kind: "backbone" | "run" | "onnx";
  /** Height and width of the pictures; null for an ONNX model, whose fields do not depend on it. */
  imageSize: number | null;
  layers: LayerField[];
  /** Null unless it was asked for; with the fields by kernels and strides of its layer. */
  effective: (Omit<EffectiveField, "shares"> & Pick<LayerField, "fields">) | null;
  /** The picture that was written, or null. */
  out: string | null;
  notes: readonly string[];
}

/** As most networks that are published. */
const USUAL_SIZE = 224;
/** Pictures over which gradients are averaged. */
const PICTURES = { given: 16, noise: 4 };

/**
 * The receptive field of every layer: of all branches that lead to it, by its kernels and strides; and where
 * asked, the effective one of one layer, by gradients.
 *
 * @throws AfterimageError `usage/value` for a target, a layer or an image size that there is not, or options
 * that do not go together; `onnx/format` for a model that cannot be followed; `train/run-folder` and
 * `export/write` as other jobs.
 */
export async function receptiveField(options: ReceptiveFieldOptions): Promise<ReceptiveFieldResult> {
  checkOptions("receptiveField", options, receptiveFieldOptions);
  const { target, layer, out } = options;
  await requirePicturePlace(out);
  const notes = new Notes();
  const isBackbone = knownBackbones().some(({ name }) => name === target);
  const isFile = !isBackbone && (await kindOf(target)) === "file";
  if (isFile) return { ...(await ofModel(options)), notes: [] };
  const network = isBackbone ? untrained(options) : await trained(options, notes);
  const { backbone, imageSize } = network;
  requireWhole(backbone, imageSize);
  const picture = input("pictures", [1, 3, imageSize, imageSize]);
  const scope = new Scope(new Variables(), "", { training: false, trainable: false });
  const { features, map, tokens } = backbone.build(scope, picture);
  const outputs = [map, tokens, features].filter((tensor) => tensor !== undefined);
  const labelled = labelledFields(outputs, picture);
  const layers = layersOf(labelled, layer);
  const isMeasured = options.effective === true || out !== undefined || options.pictures !== undefined;
  const effective = isMeasured ? await measure({ ...network, labelled }, options, notes) : null;
  return {
    ...{ target, kind: isBackbone ? "backbone" : "run", imageSize, layers },
    effective,
    out: out ?? null,
    notes: notes.list,
  };
}

interface Network {
  backbone: Backbone;
  values: Values;
  imageSize: number;
  /** How it sees a picture. */
  preprocessing: Preprocessing;
  /** How its pictures are decoded. */
  place: Pick<RunConfig, "canvas" | "background">;
}

function untrained({ target, imageSize = USUAL_SIZE, seed = 0 }: ReceptiveFieldOptions): Network {
  const backbone = createBackbone(target, { imageSize });
  const values = initialEncoderValues(backbone, { imageSize, seed });
  const place = { canvas: canvasFor({ imageSize }), background: "auto" };
  return { backbone, values, imageSize, preprocessing: OWN_PREPROCESSING, place };
}

async function trained({ target, imageSize }: ReceptiveFieldOptions, notes: Notes): Promise<Network> {
  const { canvas, background, ...encoder } = await openEncoder(target, notes.add);
  const { backbone, values, preprocessing } = encoder;
  const size = imageSize ?? encoder.imageSize;
  return { backbone, values, imageSize: size, preprocessing, place: { canvas, background } };
}

async function ofModel(options: ReceptiveFieldOptions): Promise<Omit<ReceptiveFieldResult, "notes">> {
  const { target, layer, effective, pictures, out, imageSize } = options;
  const refused = Object.entries({ effective, pictures, out, imageSize }).find(
    ([, value]) => value !== undefined && value !== false,
  );
  if (refused !== undefined) {
    throw new AfterimageError("usage/value", {
      what: "an ONNX model has fields by its layers only",
      where: optionName(refused[0]),
      expected: "a backbone or a run",
      got: target,
    });
  }
  const layers = layersOf(onnxFields(decodeModel(await readFile(target), target)), layer);
  return { target, kind: "onnx", imageSize: null, layers, effective: null, out: null };
}

async function kindOf(target: string): Promise<"file" | "folder"> {
  const info = await stat(target).catch(() => null);
  if (info !== null) return info.isFile() ? "file" : "folder";
  const names = knownBackbones().map(({ name }) => name);
  throw new AfterimageError("usage/value", {
    what: "there is no such backbone, run or model",
    where: optionName("target"),
    expected: `one of ${names.join(", ")}, a run folder or an .onnx file`,
    got: target,
  });
}

function layersOf(fields: readonly LabelledField[], layer: string | undefined): LayerField[] {
  if (layer === undefined) return fieldsByLayer(fields);
  const own = fieldsOf(fields, layer);
  if (own.length > 0) return own;
  const names = fieldsByLayer(fields).map((field) => field.layer);
  throw new AfterimageError("usage/value", {
    what: "there is no such layer",
    where: optionName("layer"),
    expected: `${names.join(", ")}, or one in them`,
    got: layer,
  });
}

/** The layers in a layer, and then the layer itself. */
function fieldsOf(fields: readonly LabelledField[], layer: string): LayerField[] {
  const within = fields.filter((field) => field.layer === layer || isIn(field.layer, layer));
  const parts = fieldsByLayer(within, layer).filter((part) => part.layer !== layer);
  const own = fieldsByLayer(within.map((field) => ({ ...field, layer: "all" }))).slice(-1);
  return [...parts, ...own.map((field) => ({ ...field, layer }))];
}

/** Measures the effective field, and draws it where asked. */
async function measure(
  network: Network & { labelled: readonly LabelledField[] },
  options: ReceptiveFieldOptions,
  notes: Notes,
): Promise<ReceptiveFieldResult["effective"]> {
  const { layer, seed = 0, out } = options;
  const { backbone, values, imageSize, labelled } = network;
  const pictures = await picturesFor(network, options, notes);
  const { shares, ...measured } = await effectiveField({
    ...{ backbone, values, pictures, imageSize, seed, threads: chooseThreads(options.threads, notes.add) },
    ...(layer !== undefined && { layer }),
  });
  const { fields = null } = fieldsOf(labelled, measured.layer).at(-1) ?? {};
  if (out !== undefined) {
    const behind = options.pictures === undefined ? null : pictures.subarray(0, 3 * imageSize ** 2);
    await writeFileWhole(out, await drawField({ ...measured, shares }, { side: imageSize, fields, behind }));
  }
  return { ...measured, fields };
}

/** Normalised pictures `[n, 3, S, S]`. */
async function picturesFor(
  { imageSize, preprocessing, place }: Network,
  { pictures, seed = 0 }: ReceptiveFieldOptions,
  notes: Notes,
): Promise<Float32Array> {
  if (pictures !== undefined) {
    const opening = { split: "all" as const, labels: false, encoder: place, notes, onProgress: () => {} };
    return withPictures(pictures, opening, (dataset) =>
      readViews(dataset, { imageSize, preprocessing, count: PICTURES.given, seed }),
    );
  }
  const noise = new Float32Array(PICTURES.noise * 3 * imageSize ** 2);
  randomStream(seed, "pictures of noise", 0, 0).fillNormal(noise, 0, 1);
  return noise;
}

function requireWhole({ name, multipleOf }: Backbone, imageSize: number): void {
  if (imageSize % multipleOf === 0) return;
  throw new AfterimageError("usage/value", {
    what: `${name} cuts pictures into patches`,
    where: optionName("imageSize"),
    expected: `a multiple of ${multipleOf}`,
    got: `${imageSize}`,
  });
}

async function requirePicturePlace(out: string | undefined): Promise<void> {
  if (out === undefined) return;
  if (extname(out).toLowerCase() !== ".png") {
    throw new AfterimageError("usage/value", {
      what: "the effective field is drawn as PNG only",
      where: optionName("out"),
      expected: "a name that ends in .png",
      got: out,
    });
  }
  await requireFilePlace(out, "out");
}
