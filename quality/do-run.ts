import { AfterimageError } from "afterimage";
import { machine } from "../bench/machine.ts";
import type { Contestant, Outcome, Task } from "./contestant.ts";
import { judge } from "./judge.ts";
import { type Refusal, type Result, writeResult } from "./result.ts";

type Done = Omit<Result, "version"> | Omit<Refusal, "version">;

export interface RunOptions extends Omit<Task, "log"> {
  /** Folder of the result files. */
  results: string;
  log(line: string): void;
}

/** The deviation from its minutes that a run may have, as a share. */
const TOLERANCE = 0.2;

/** Runs and judges a contestant and writes the result file. The file exists only if all of that succeeds. */
export async function doRun(contestant: Contestant, options: RunOptions): Promise<Done> {
  const done = await runOrRefuse(contestant, options);
  await writeResult(options.results, done, options.minutes);
  return done;
}

async function runOrRefuse(contestant: Contestant, options: RunOptions): Promise<Done> {
  try {
    return await judged(contestant, await runInTime(contestant, options), options);
  } catch (error) {
    if (!(error instanceof AfterimageError) || error.code !== "method/pictures") throw error;
    return { ...runName(contestant, options), refused: error.evidence.what };
  }
}

/**
 * Runs once more with the pace of the first run, if that missed its time. Another program may have slowed the
 * timing.
 */
async function runInTime(contestant: Contestant, options: RunOptions): Promise<Outcome> {
  const outcome = await contestant.run(options);
  const { training } = outcome;
  if (training === null || options.epochs !== undefined) return outcome;
  if (Math.abs(training.minutes / options.minutes - 1) <= TOLERANCE) return outcome;
  options.log(
    `took ${training.minutes.toFixed(1)} minutes instead of ${options.minutes}: repeated with that pace`,
  );
  return contestant.run({ ...options, secondsPerEpoch: (60 * training.minutes) / training.epochs });
}

async function judged(contestant: Contestant, outcome: Outcome, options: RunOptions): Promise<Done> {
  const { set, minutes, threads } = options;
  const figures = await judge(outcome, set, threads);
  const { cpu, cores, system, node } = machine();
  const { family, settings, versions, training, classifier } = outcome;
  return {
    ...runName(contestant, options),
    ...{ setTitle: set.title, protocol: set.protocol },
    pictures: { train: set.train.size, test: set.test.size },
    ...{ of: contestant.of, family },
    command: commandFor(contestant, options),
    machine: { cpu, cores, system, node },
    ...{ threads, versions, settings, minutesAsked: minutes },
    training: training && { ...training, course: [...training.course] },
    figures: { ...figures, classifier },
  };
}

function runName({ name, title, group }: Contestant, { set, seed }: RunOptions) {
  return { set: set.name, name, title, group, seed, date: new Date().toISOString() };
}

/** The command that repeats this run. Paths on this machine are left open. */
function commandFor({ name, group }: Contestant, { set, seed, minutes }: RunOptions): string {
  const flags = [`--methods ${name}`, `--sets ${set.name}`, `--seeds ${seed}`, `--minutes ${minutes}`];
  if (set.name === "fashion-mnist") flags.push("--fashion-mnist <folder>");
  if (group === "peer") flags.push("--python <python>");
  return `npm run quality -- ${flags.join(" ")}`;
}
