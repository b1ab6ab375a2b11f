/** The program of `trainApart`: trains with the options in the first argument, and prints its report. */
import { pretrain } from "afterimage";
import { EpochClock } from "./epoch-clock.ts";
import { LoadWatch } from "./machine.ts";
import { peakBytes } from "./peak-bytes.ts";
import type { TrainingReport, TrainingRequest } from "./training-process.ts";

const request = JSON.parse(process.argv[2]!) as TrainingRequest;
const clock = new EpochClock();
const watch = new LoadWatch();
await pretrain({ ...request, onProgress: clock.onProgress });
const othersCores = watch.others();
const report: TrainingReport = {
  epochs: clock.epochs,
  peakBytes: peakBytes(),
  ...(othersCores === undefined ? {} : { othersCores }),
};
console.log(JSON.stringify(report));
