/**
 * A run continues with the configuration it was started with: choices that are given again must be the same.
 */
import { backboneChoices, createBackbone } from "../backbones/index.ts";
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";
import { backgroundFor, type Choices } from "../runs/configure/configure.ts";
import { backgroundOf, type RunConfig } from "../train/run-config.ts";

type Pair = [option: string, asked: unknown, kept: unknown];

/**
 * Compares all choices except those that {@link continuedConfig} lets change.
 *
 * @throws AfterimageError `train/run-folder` naming the first choice that differs from the run's
 * configuration.
 */
export function requireSameChoices(choices: Choices, config: RunConfig, folder: string): void {
  const { method, training, ...plain } = config;
  const pairs: Pair[] = [
    ["method", choices.method, method.name],
    ...backbonePairs(choices, config),
    ...(["imageSize", "canvas", "batchSize", "seed"] as const).map(
      (name): Pair => [name, choices[name], plain[name]],
    ),
    ["background", choices.background && backgroundFor(choices), backgroundOf(config)],
    ["microBatch", askedParts(choices, config), config.microBatch],
    ...Object.entries(choices.settings ?? {}).map(
      ([name, asked]): Pair => [`settings.${name}`, asked, method.settings[name]],
    ),
    // Another optimiser has other moments, which are not in the checkpoint.
    ["training.optimizer", choices.training?.optimizer, training.optimizer],
  ];
  const different = pairs.find(
    ([, asked, kept]) => asked !== undefined && JSON.stringify(asked) !== JSON.stringify(kept),
  );
  if (different === undefined) return;
  const [option, asked, kept] = different;
  const name = optionName(option);
  throw new AfterimageError("train/run-folder", {
    what: "a resumed run keeps the configuration that it was started with",
    where: folder,
    expected: kept === undefined ? `no ${name}` : `${name} ${JSON.stringify(kept)}`,
    got: JSON.stringify(asked),
    todo: `Leave it out to resume, or start a new run with another ${optionName("out")}.`,
  });
}

/** As when the run began: if no batch size is given, the micro-batch is at most the batch. */
function askedParts({ microBatch, batchSize }: Choices, kept: RunConfig): number | undefined {
  if (microBatch === undefined || batchSize !== undefined) return microBatch;
  return Math.min(microBatch, kept.batchSize);
}

/** The backbone and its options, paired with those that give the run's. */
function backbonePairs({ backbone, backboneOptions = {} }: Choices, config: RunConfig): Pair[] {
  const kept = backboneChoices(config.backbone);
  const options = new Map<string, unknown>(Object.entries(kept.backboneOptions));
  // A run's own name of its backbone may be more specific than the table's, with its patch size for example.
  const asked = backbone === config.backbone.name ? kept.backbone : backbone;
  return [
    ["backbone", asked, kept.backbone],
    ...Object.entries(backboneOptions).map(([name, value]): Pair => {
      const isSame = value !== undefined && keptOption(name, value, config) === options.get(name);
      return [name, isSame ? options.get(name) : value, options.get(name)];
    }),
  ];
}

/**
 * An option in the form that the run stores: a width is stored in channels, and several multipliers give the
 * same.
 */
function keptOption(name: string, value: unknown, { backbone, imageSize }: RunConfig): unknown {
  const kept = backboneChoices(backbone);
  try {
    const made = createBackbone(kept.backbone, { imageSize, ...kept.backboneOptions, [name]: value });
    return new Map<string, unknown>(Object.entries(backboneChoices(made).backboneOptions)).get(name);
  } catch (error) {
    if (error instanceof AfterimageError) return value; // there is no such backbone: it is not the run's
    throw error;
  }
}
