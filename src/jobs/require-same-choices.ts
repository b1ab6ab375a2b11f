/** A run goes on with the configuration it was started with: choices said again must be the same. */
import { AfterimageError } from "../errors.ts";
import type { RunConfig } from "../train/run-config.ts";
import type { Choices } from "./configure.ts";

/**
 * @throws AfterimageError `train/run-folder` naming the first choice that differs from the run's configuration.
 */
export function requireSameChoices(choices: Choices, config: RunConfig, folder: string): void {
  const { method, backbone, training, ...plain } = config;
  const pairs: [name: string, asked: unknown, kept: unknown][] = [
    ["method", choices.method, method.name],
    ["backbone", choices.backbone, keptBackbone(choices.backbone, backbone.name)],
    ...(["imageSize", "canvas", "epochs", "batchSize", "microBatch", "seed"] as const).map(
      (name): [string, unknown, unknown] => [name, choices[name], plain[name]],
    ),
    ...Object.entries(choices.settings ?? {}).map(([name, asked]): [string, unknown, unknown] => [
      name,
      asked,
      method.settings[name],
    ]),
    ...Object.entries(choices.training ?? {}).map(([name, asked]): [string, unknown, unknown] => [
      `training.${name}`,
      asked,
      training[name as keyof typeof training],
    ]),
  ];
  const different = pairs.find(
    ([, asked, kept]) => asked !== undefined && JSON.stringify(asked) !== JSON.stringify(kept),
  );
  if (different === undefined) return;
  const [name, asked, kept] = different;
  throw new AfterimageError("train/run-folder", {
    what: "a run goes on with the configuration it was started with",
    where: folder,
    expected: `${name} ${JSON.stringify(kept)}`,
    got: JSON.stringify(asked),
    todo: "Leave it out to resume, or start a new run with another --out.",
  });
}

/** A ViT's kept name says its patch size too. */
function keptBackbone(asked: string | undefined, kept: string): string {
  return asked !== undefined && kept.startsWith(`${asked}_`) ? asked : kept;
}
