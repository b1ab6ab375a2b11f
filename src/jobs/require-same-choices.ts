/** A run goes on with the configuration it was started with: choices said again must be the same. */
import { backboneChoices, createBackbone } from "../backbones/index.ts";
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";
import { backgroundOf, type RunConfig } from "../train/run-config.ts";
import { backgroundFor, type Choices } from "./configure.ts";

type Pair = [option: string, asked: unknown, kept: unknown];

/**
 * Compares all but what {@link continuedConfig} lets change.
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
    // Another optimiser keeps other moments, which the checkpoint does not have.
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

/** As when the run began: where no batch size is given, no more than the batch. */
function askedParts({ microBatch, batchSize }: Choices, kept: RunConfig): number | undefined {
  if (microBatch === undefined || batchSize !== undefined) return microBatch;
  return Math.min(microBatch, kept.batchSize);
}

/** The backbone and its options against those that lead to the run's. */
function backbonePairs({ backbone, backboneOptions = {} }: Choices, config: RunConfig): Pair[] {
  const kept = backboneChoices(config.backbone);
  const options = new Map<string, unknown>(Object.entries(kept.backboneOptions));
  // A run's own name of its backbone may say more than the table's, such as its patch size.
  const asked = backbone === config.backbone.name ? kept.backbone : backbone;
  return [
    ["backbone", asked, kept.backbone],
    ...Object.entries(backboneOptions).map(([name, value]): Pair => {
      const isSame = value !== undefined && keptOption(name, value, config) === options.get(name);
      return [name, isSame ? options.get(name) : value, options.get(name)];
    }),
  ];
}

/** An option as the run would keep it: a width is kept in channels, which several multipliers give. */
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
