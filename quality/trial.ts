/**
 * One trial: a method is trained for a fixed number of epochs with settings other than its defaults, and
 * judged like all rows. Epochs instead of minutes make it independent of other work on the machine. Prints
 * one line of JSON.
 *
 * Command: npm run trial -- --set emoji --epochs 17 --set-setting temperature=0.2 --training clip=3
 */

import { AfterimageError } from "afterimage";
import { findMethod } from "afterimage/methods";
import { CommanderError } from "commander";
import { judge } from "./judge.ts";
import { familyOf } from "./recipe.ts";
import { SETS } from "./set-list.ts";
import { trainEncoder } from "./train-encoder.ts";
import { parseTrial } from "./trial-options.ts";

async function main(): Promise<void> {
  const trial = parseTrial(
    process.argv.slice(2),
    SETS.map(({ name }) => name),
  );
  const entry = SETS.find(({ name }) => name === trial.set)!;
  const missing = entry.missing(trial);
  if (missing !== null)
    throw new AfterimageError("usage/value", { what: "this set cannot be opened", todo: `Give ${missing}.` });
  const set = await entry.open(trial);
  const method = findMethod(trial.method);
  const { seed, threads, epochs, settings, training, batchSize, imageSize } = trial;
  const chosen = { training, ...(batchSize && { batchSize }), ...(imageSize && { imageSize }) };
  const outcome = await trainEncoder(
    { method, family: familyOf(method), settings, choices: chosen },
    { set, seed, threads, epochs, minutes: 0, python: null, log },
  );
  const { knn, linear, rankMe, copies, artists } = await judge(outcome, set, threads);
  const { set: name } = trial;
  const figures = { knn, linear, rankMe, copies, artists, seconds: 60 * outcome.training!.minutes };
  const warned = outcome.training!.course.find(({ warning }) => warning !== null)?.epoch ?? null;
  const asked = { set: name, method: method.name, epochs, seed, settings, ...chosen };
  process.stdout.write(
    `${JSON.stringify({ ...asked, ...rounded(figures), warned, used: outcome.settings })}\n`,
  );
}

function rounded(figures: object): object {
  return JSON.parse(
    JSON.stringify(figures, (_, value) =>
      typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value,
    ),
  );
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

main().catch((error: unknown) => {
  const isUsage = error instanceof CommanderError || (error instanceof AfterimageError && error.isUsage);
  log(error instanceof Error ? (isUsage ? error.message : (error.stack ?? error.message)) : String(error));
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  process.exitCode = isHelp ? 0 : isUsage ? 2 : 1;
});
