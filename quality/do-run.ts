import { machine } from "../bench/machine.ts";
import type { Contestant, Task } from "./contestant.ts";
import { judge } from "./judge.ts";
import { type Result, writeResult } from "./result.ts";

export interface RunOptions extends Omit<Task, "log"> {
  /** Folder of the result files. */
  results: string;
  log(line: string): void;
}

/** Does one run, judges it and writes its result file, which is there only when all of that is done. */
export async function doRun(contestant: Contestant, options: RunOptions): Promise<Omit<Result, "version">> {
  const { set, seed, minutes, threads, results } = options;
  const outcome = await contestant.run(options);
  const figures = await judge(outcome, set, threads);
  const { name, title, group, of } = contestant;
  const { cpu, cores, system, node } = machine();
  const { family, settings, versions, training, classifier } = outcome;
  const result = {
    ...{ set: set.name, setTitle: set.title, protocol: set.protocol },
    pictures: { train: set.train.size, test: set.test.size },
    ...{ name, title, group, of, family, seed },
    command: commandFor(contestant, options),
    date: new Date().toISOString(),
    machine: { cpu, cores, system, node },
    ...{ threads, versions, settings, minutesAsked: minutes },
    training: training && { ...training, course: [...training.course] },
    figures: { ...figures, classifier },
  };
  await writeResult(results, result);
  return result;
}

/** What does this run again; places on this machine are left open. */
function commandFor({ name, group }: Contestant, { set, seed, minutes }: RunOptions): string {
  const flags = [`--methods ${name}`, `--sets ${set.name}`, `--seeds ${seed}`, `--minutes ${minutes}`];
  if (set.name === "fashion-mnist") flags.push("--fashion-mnist <folder>");
  if (group === "peer") flags.push("--python <python>");
  return `npm run quality -- ${flags.join(" ")}`;
}
