/** The threads of a job: as many as were asked for, unless so many would be useless. */
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";
import { physicalCores, usableProcessors } from "./physical-cores.ts";

/**
 * The most threads for each processor. Threads wait for one another by spinning: 64 on two processors make a
 * step 50 times as long. Thousands leave no time for a signal, and each takes memory.
 */
const MOST_PER_PROCESSOR = 4;

/**
 * @param asked {@link physicalCores} by default.
 * @param onNote called if there are more threads than processors.
 * @throws AfterimageError `usage/value` beyond four threads for each processor.
 */
export function chooseThreads(
  asked: number | undefined,
  onNote: (message: string) => void,
  processors = usableProcessors(),
): number {
  if (asked === undefined) return physicalCores();
  const most = MOST_PER_PROCESSOR * processors;
  if (asked > most) throw tooMany(asked, most, processors);
  if (asked > processors) onNote(`${asked} threads on ${counted(processors)} are slower than ${processors}`);
  return asked;
}

function tooMany(asked: number, most: number, processors: number): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "so many threads would spend most of their time waiting for each other",
    where: optionName("threads"),
    expected: `at most ${most}, because this process may use ${counted(processors)}`,
    got: `${asked}`,
    todo: `Leave it out to use ${physicalCores()}, which is fastest.`,
  });
}

function counted(processors: number): string {
  return processors === 1 ? "1 processor" : `${processors} processors`;
}
