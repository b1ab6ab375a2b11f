/** A run goes on with the configuration it was started with: choices said again must be the same. */
import { AfterimageError } from "../errors.ts";
import { backgroundOf, type RunConfig } from "../train/run-config.ts";
import { backgroundFor, type Choices } from "./configure.ts";
import { flagOf } from "./flag-of.ts";

type Pair = [name: string, asked: unknown, kept: unknown];

/**
 * Compares all but what {@link continuedConfig} lets change.
 *
 * @throws AfterimageError `train/run-folder` naming the first choice that differs from the run's configuration.
 */
export function requireSameChoices(choices: Choices, config: RunConfig, folder: string): void {
  const { method, backbone, training, ...plain } = config;
  const pairs: Pair[] = [
    ["--method", choices.method, method.name],
    ["--backbone", choices.backbone, keptBackbone(choices.backbone, backbone.name)],
    ...backbonePairs(choices, backbone.settings),
    ...(["imageSize", "canvas", "batchSize", "seed"] as const).map(
      (name): Pair => [flagOf(name), choices[name], plain[name]],
    ),
    ["--background", choices.background && backgroundFor(choices), backgroundOf(config)],
    ["--micro-batch", askedParts(choices, config), config.microBatch],
    ...Object.entries(choices.settings ?? {}).map(
      ([name, asked]): Pair => [`--set ${name}`, asked, method.settings[name]],
    ),
    // Another optimiser keeps other moments, which the checkpoint does not have.
    ["--set training.optimizer", choices.training?.optimizer, training.optimizer],
  ];
  const different = pairs.find(
    ([, asked, kept]) => asked !== undefined && JSON.stringify(asked) !== JSON.stringify(kept),
  );
  if (different === undefined) return;
  const [name, asked, kept] = different;
  throw new AfterimageError("train/run-folder", {
    what: "a resumed run keeps the configuration that it was started with",
    where: folder,
    expected: kept === undefined ? `no ${name}` : `${name} ${JSON.stringify(kept)}`,
    got: JSON.stringify(asked),
    todo: "Leave it out to resume, or start a new run with another --out.",
  });
}

/** As when the run began: where no batch size is given, no more than the batch. */
function askedParts({ microBatch, batchSize }: Choices, kept: RunConfig): number | undefined {
  if (microBatch === undefined || batchSize !== undefined) return microBatch;
  return Math.min(microBatch, kept.batchSize);
}

/** The options of a backbone against the settings that came of them. */
function backbonePairs({ backboneOptions = {} }: Choices, kept: Readonly<Record<string, unknown>>): Pair[] {
  const { widthMultiplier, stem, norm, patch, dropPath } = backboneOptions;
  // A width is kept in channels: multipliers that give the same number of them are the same.
  const channels = kept.stem === undefined ? undefined : Number(kept.width);
  const sameWidth = widthMultiplier !== undefined && Math.round(64 * widthMultiplier) === channels;
  return [
    ["--width", widthMultiplier, sameWidth ? widthMultiplier : channels && channels / 64],
    ["--stem", stem, kept.stem],
    ["--norm", norm, kept.norm ?? (kept.stem && "batch")],
    ["--patch", patch, kept.patch],
    ["--drop-path", dropPath, kept.dropPath],
  ];
}

/** A ViT's kept name says its patch size too. */
function keptBackbone(asked: string | undefined, kept: string): string {
  return asked !== undefined && kept.startsWith(`${asked}_`) ? asked : kept;
}
