/** The network that learns from a teacher, and what it begins with. */
import type { Backbone } from "../../backbones/backbone.ts";
import { backboneChoices, createBackbone, restoreBackbone } from "../../backbones/index.ts";
import { AfterimageError } from "../../errors.ts";
import type { LabelDistillationSettings } from "../../methods/label-distillation.ts";
import { optionName } from "../../options/option-name.ts";
import { canvasFor } from "../../runs/configure/configure.ts";
import type { LabelsConfig } from "../../train/run-config.ts";
import { networkSettingsOf } from "../../transfer/network-of-run.ts";
import type { DistillOptions } from "../distill-options.ts";
import { openSource, type Source } from "../finetune/open-source.ts";
import type { Teacher } from "./open-teacher.ts";

export interface Student extends Pick<LabelDistillationSettings, "source"> {
  /** The backbone below the encoder. */
  backbone: Backbone;
  imageSize: number;
  /** Side of the canvases, large enough for the views of both networks. */
  canvas: number;
  /** The encoder to begin with; null for noise. */
  start: Source["start"] | null;
  /** Where that encoder comes from. */
  from: LabelsConfig["from"];
}

type StudentOptions = Pick<DistillOptions, "from" | "backbone" | "backboneOptions" | "imageSize">;

/**
 * A student has the encoder of a run (`from`), a backbone that is named, or by default the teacher's own
 * network. Only the first begins with weights.
 *
 * @throws AfterimageError those of opening a run; `usage/value` for a backbone that cannot be, or one besides
 * that of a run.
 */
export async function openStudent(
  options: StudentOptions,
  teacher: Teacher,
  onNote: (message: string) => void,
): Promise<Student> {
  const { from } = options;
  const student = from === undefined ? newStudent(options, teacher) : await studentOf(from, options, onNote);
  return { ...student, canvas: Math.max(canvasFor({ imageSize: student.imageSize }), teacher.canvas) };
}

type Found = Omit<Student, "canvas">;

function newStudent({ backbone, backboneOptions, ...options }: StudentOptions, teacher: Teacher): Found {
  const { imageSize = teacher.imageSize } = options;
  const own = teacher.config.backbone;
  const begins = { imageSize, start: null, from: undefined };
  if (backbone === undefined && backboneOptions === undefined && imageSize === teacher.imageSize) {
    const { source } = networkSettingsOf(teacher.config);
    return { backbone: restoreBackbone(own.name, own.settings), source, ...begins };
  }
  const same = backboneChoices(own);
  const isSame = backbone === undefined || backbone === same.backbone;
  const given = { ...(isSame && backbone === undefined ? same.backboneOptions : {}), ...backboneOptions };
  const made = createBackbone(backbone ?? same.backbone, { imageSize, ...given });
  return { backbone: made, source: null, ...begins };
}

/** The encoder of a run, without its projection head (as in the paper). */
async function studentOf(
  run: string,
  { backbone, backboneOptions, imageSize }: StudentOptions,
  onNote: (message: string) => void,
): Promise<Found> {
  const given = Object.entries({ backbone, backboneOptions, imageSize }).find(
    ([, value]) => value !== undefined,
  );
  if (given !== undefined) throw besidesRun(given[0], run);
  const {
    encoder,
    source,
    start,
    weights,
    backbone: own,
  } = await openSource({ run, fromHeadLayer: 0 }, onNote);
  const from = { run, step: encoder.step, weights };
  return { backbone: own, source, imageSize: encoder.imageSize, start, from };
}

function besidesRun(option: string, run: string): AfterimageError {
  return new AfterimageError("usage/value", {
    what: `a student that begins with a run has the network of that run`,
    where: optionName("from"),
    expected: `no ${optionName(option)}`,
    got: run,
    todo: `Leave out one of the two.`,
  });
}
