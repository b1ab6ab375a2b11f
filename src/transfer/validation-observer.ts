/** Scores the network on pictures that do not train, at the ends of epochs. */
import type { PictureDataset } from "../data/picture-dataset.ts";
import type { Observer } from "../runs/observer.ts";
import type { EpochRecord } from "../train/epoch-record.ts";
import type { Trainer } from "../train/trainer.ts";
import { predictLogits } from "./classifier.ts";
import { judgePredictions } from "./judge-predictions.ts";
import type { Answers, LabelTask } from "./label-task.ts";
import { meanLoss } from "./mean-loss.ts";
import { averagedValues, networkOfRun } from "./network-of-run.ts";

/** Pictures with their answers. */
export interface AnsweredPictures {
  dataset: PictureDataset;
  /** In the order of the pictures. */
  answers: Answers;
}

export type Validation = NonNullable<EpochRecord["validation"]>;

/** Adds `validation` to the records of epochs in which a measurement is due. */
export function validationObserver(task: LabelTask, held: AnsweredPictures, threads: number): Observer {
  return {
    async epoch({ trainer, due }) {
      return due ? { validation: await validate(trainer, task, held, threads) } : undefined;
    },
  };
}

async function validate(
  { config, values }: Trainer,
  task: LabelTask,
  { dataset, answers }: AnsweredPictures,
  threads: number,
): Promise<Validation> {
  const { imageSize } = config;
  const own = { imageSize, threads, values: averagedValues(values) };
  const { logits } = await predictLogits(dataset, { ...networkOfRun(config), ...own });
  const { headline } = judgePredictions(task, logits, answers);
  const loss = meanLoss(task, logits, answers);
  return { name: headline.measure, score: headline.value, loss, pictures: dataset.size };
}
