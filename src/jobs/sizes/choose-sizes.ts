/** Chooses network width, image size and epochs of a new run if its user did not, and says so. */

import { backboneChoices, restoreBackbone } from "../../backbones/index.ts";
import type { PictureSurvey } from "../../data/picture-survey.ts";
import { findMethod } from "../../methods/index.ts";
import type { Method } from "../../objectives/method.ts";
import { chooseBySize } from "../../runs/configure/choose-by-size.ts";
import { type Choices, configure } from "../../runs/configure/configure.ts";
import { fitMinutes } from "../../runs/configure/fit-minutes.ts";
import { minutesText } from "../../runs/minutes-text.ts";
import type { OnProgress } from "../../runs/progress.ts";
import type { RunConfig } from "../../train/run-config.ts";
import { timeSteps } from "./time-steps.ts";

export interface SizingOptions {
  threads: number;
  provider: string;
  /** When the command began, by `performance.now()`. */
  startedAt: number;
  onProgress: OnProgress;
  fewestEpochs?: number | undefined;
}

/** @throws AfterimageError as {@link configure} does. */
export async function chooseSizes(
  choices: Choices,
  survey: PictureSurvey,
  options: SizingOptions,
): Promise<Choices> {
  const method = findMethod(choices.method ?? "simclr");
  if (choices.minutes === undefined) return chooseBySize(choices, survey, method);
  return fitMinutes(choices, {
    ...{ survey, method, fewestEpochs: options.fewestEpochs },
    tooLong: (seconds, epochs) =>
      options.onProgress({ type: "note", message: tooLongText(choices, seconds, epochs) }),
    secondsLeft: () => 60 * choices.minutes! - (performance.now() - options.startedAt) / 1000,
    secondsPerStep: (config) =>
      measured(config, method, { ...options, mostSeconds: TIMING_SHARE * 60 * choices.minutes! }),
  });
}

function tooLongText({ minutes }: Choices, seconds: number, epochs: number): string {
  const here = minutesText(Math.max(1, Math.round(seconds / 60)));
  return `${epochsText(epochs)} take about ${here} on this machine, longer than the requested ${minutesText(minutes!)}`;
}

async function measured(
  config: RunConfig,
  method: Method,
  { threads, provider, onProgress, mostSeconds }: SizingOptions & { mostSeconds: number },
): Promise<number> {
  onProgress({ type: "plan", message: "Timing a few steps on this machine …" });
  const { quiet, now } = await timeSteps(config, { threads, provider, method, mostSeconds });
  if (now > BUSY * quiet) {
    const message = `other programs slow this machine down: a step takes ${now.toFixed(2)} s instead of ${quiet.toFixed(2)} s`;
    onProgress({ type: "note", message });
  }
  return quiet;
}

/** The share of the minutes that may be spent on timing a few steps. */
const TIMING_SHARE = 0.05;
/** If a step takes this many times as long as its own work, the machine is busy. */
const BUSY = 1.5;

/** `972 pictures: resnet18 at half width, 64 pixels, 150 epochs`, and the reason. */
export function sizesText(config: RunConfig, choices: Choices): string {
  const { imageSize, epochs, data } = config;
  const backbone = restoreBackbone(config.backbone.name, config.backbone.settings);
  const count = `${data.pictures.toLocaleString("en")} pictures`;
  const what = `${count}: ${backbone.name}${widthText(config)}, ${imageSize} pixels, ${epochsText(epochs)}`;
  const reason = reasonFor(choices, config);
  return reason === null ? what : `${what} (${reason})`;
}

/** The reason for the values that the user did not choose; null if the user chose all. */
function reasonFor({ minutes, repeats, ...choices }: Choices, { backbone }: RunConfig): string | null {
  if (repeats !== undefined) return "as in the repeated run";
  const { widthMultiplier } = backboneChoices(backbone).backboneOptions;
  const hasWidth = widthMultiplier === undefined || choices.backboneOptions?.widthMultiplier !== undefined;
  if (choices.imageSize !== undefined && choices.epochs !== undefined && hasWidth) return null;
  if (minutes === undefined) return "what was not chosen follows from the number and size of the pictures";
  return `to take ${minutesText(minutes)}`;
}

function widthText({ backbone }: RunConfig): string {
  const { widthMultiplier: width = 1 } = backboneChoices(backbone).backboneOptions;
  if (width === 1) return "";
  const names = new Map([
    [0.25, "a quarter of its width"],
    [0.5, "half width"],
  ]);
  return ` at ${names.get(width) ?? `${Number(width.toFixed(2))} of its width`}`;
}

function epochsText(epochs: number): string {
  return `${epochs} ${epochs === 1 ? "epoch" : "epochs"}`;
}
