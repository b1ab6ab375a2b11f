/** Distillation of a fine-tuned teacher into a student, in Node or in a browser. */
import type { PictureDataset } from "../data/picture-dataset.ts";
import { type LoopOptions, type LoopResult, TrainingLoop } from "../runs/training-loop.ts";
import type { Values } from "../train/values.ts";
import { beginFrom, type StartingNetwork } from "./begin-from.ts";
import { giveTeacher } from "./give-teacher.ts";
import type { LabelTask } from "./label-task.ts";
import { type AnsweredPictures, validationObserver } from "./validation-observer.ts";

export interface DistillLabelsOptions extends Omit<LoopOptions, "dataset"> {
  task: LabelTask;
  /** The teacher's values by the paths of its own network. */
  teacher: Values;
  /** The encoder to begin with; null to begin from noise. The classifier begins at zero. */
  start: StartingNetwork | null;
  /** The pictures that train, with the targets that the trainer asks for. */
  training: PictureDataset;
  /** Pictures that do not train, on which the student is scored after epochs; null for none. */
  validation: AnsweredPictures | null;
}

/**
 * Trains the student to the end, or until the signal is aborted. If the store has a state of the run,
 * training continues from it.
 *
 * @throws AfterimageError as {@link giveTeacher}, {@link beginFrom} and {@link TrainingLoop.go} do.
 */
export async function distillLabels(options: DistillLabelsOptions): Promise<LoopResult> {
  const { trainer, task, teacher, start, training, validation, threads } = options;
  giveTeacher(trainer, teacher);
  const observers = [
    ...(validation === null ? [] : [validationObserver(task, validation, threads)]),
    ...options.observers,
  ];
  const begin = async () => {
    if (start !== null) beginFrom(trainer, start);
  };
  return new TrainingLoop({ ...options, dataset: training, observers, begin }).go();
}
