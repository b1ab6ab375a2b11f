/**
 * Options of a run from a JSON file: either the flags by their names in camel case, with `settings` and
 * `training`, or the `config.json` of a run, to repeat its configuration.
 */
import { readFile } from "node:fs/promises";
import type * as z from "zod";
import { utf8Bytes } from "../data/node/utf8-bytes.ts";
import { AfterimageError } from "../errors.ts";
import { choicesOf } from "../jobs/choices-of.ts";
import { type NamedOptions, pretrainOptions } from "../jobs/pretrain-options.ts";
import { factsOf } from "../options/option-facts.ts";
import { readValue } from "../options/read-value.ts";
import { parseRunConfig, type RunConfig } from "../train/run-config.ts";
import { paceDecisions, timelineOf } from "../train/run-timeline.ts";
import { type Flag, flagsOf, optionsOf } from "./flags.ts";
import { mergeOptions } from "./merge-options.ts";
import { requireKnownKeys } from "./overrides.ts";

export interface FileOptions {
  options: Omit<NamedOptions, "pictures">;
  notes: string[];
}

/** The entries that a file may have: the choices that have flags. */
const ENTRIES = flagsOf(pretrainOptions).filter(({ option }) => factsOf(option).inFile !== false);
/** The entries that contain others, as the job takes them. */
const HOLDERS: readonly Flag[] = Object.entries(pretrainOptions.shape)
  .filter(([, option]) => factsOf(option).inFile === true)
  .map(([name, option]) => ({ name, place: [name], option: option as z.ZodType }));

/**
 * @throws AfterimageError `data/missing`, `data/format`, `usage/option` or `usage/value`, naming file and
 * entry.
 */
export async function readConfigFile(path: string): Promise<FileOptions> {
  const given = readValue(pretrainOptions.shape.settings, await readJson(path), path)!;
  if ("version" in given && "data" in given) return optionsOfRun(parseRunConfig(given, path));
  const entries = [...ENTRIES, ...HOLDERS];
  const names = entries.map(({ name }) => name);
  requireKnownKeys(given, names, path);
  for (const { name, option } of entries)
    if (Object.hasOwn(given, name)) readValue(option, given[name], `${path}, ${name}`);
  return { options: mergeOptions(optionsOf(ENTRIES, given), optionsOf(HOLDERS, given)), notes: [] };
}

async function readJson(path: string): Promise<unknown> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const what = cause.code === "ENOENT" ? "there is no such file" : "this file cannot be read";
    throw new AfterimageError("data/missing", { what, where: `--config ${path}` }, { cause });
  });
  try {
    return JSON.parse(utf8Bytes(bytes).toString("utf8")) as unknown;
  } catch (cause) {
    const got = cause instanceof Error ? { got: cause.message } : {};
    throw new AfterimageError(
      "usage/value",
      { what: "this file is not JSON", where: path, ...got },
      { cause },
    );
  }
}

const CHANGED_ON_THE_WAY =
  "that run's settings changed during training (see history in its config.json); this repeats the last ones";

/** The options of a run, given or default; the command line names the pictures. */
function optionsOfRun(config: RunConfig): FileOptions {
  // The epochs that followed from the minutes are repeated, and not the time.
  const { scheduledEpochs: epochs } = timelineOf(config);
  const { minutes: _, microBatch, ...plain } = { ...config, ...config.environment, epochs };
  // If the whole batch were kept as a micro-batch, it would have to divide any other batch size that is
  // given.
  const parts = microBatch === config.batchSize ? {} : { microBatch };
  const repeats = paceDecisions(config);
  const changed = (config.history ?? []).some(({ because }) => because === undefined);
  return {
    options: {
      ...optionsOf(ENTRIES, { ...plain, ...parts }),
      ...choicesOf(config),
      ...(repeats.length > 0 && { repeats }),
    },
    notes: changed ? [CHANGED_ON_THE_WAY] : [],
  };
}
