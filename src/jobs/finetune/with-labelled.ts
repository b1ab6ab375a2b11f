/** Opens labelled pictures and divides them into those that train, those held out, and those that test. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import { subset } from "../../data/subset.ts";
import { validationSplit } from "../../data/validation-split.ts";
import type { Notes } from "../../runs/notes.ts";
import type { AnsweredPictures } from "../../transfer/validation-observer.ts";
import { requireClasses } from "../evaluation/require-classes.ts";
import type { FinetuneOptions } from "../finetune-options.ts";
import { nameOf } from "../given-pictures.ts";
import { openEvaluation } from "../pictures/open-evaluation.ts";
import { withPictures } from "../pictures/open-for-run.ts";
import type { Labelled } from "./configure-finetune.ts";
import type { LabelledParts } from "./judge-finetuned.ts";
import type { Source } from "./open-source.ts";

export interface OpenedLabels extends Labelled {
  dataset: PictureDataset;
  parts: LabelledParts;
  /** What was opened, as a sentence. */
  text: string;
}

export async function withLabelled<T>(
  options: FinetuneOptions,
  { encoder }: Pick<Source, "encoder">,
  notes: Notes,
  work: (labelled: OpenedLabels) => Promise<T>,
): Promise<T> {
  const { onProgress = () => {}, seed = 0, validation: share = 0.2 } = options;
  const { allFiles, cacheDir, verify, background } = options;
  const reading = given({ allFiles, cacheDir, verify, background });
  const opening = { ...reading, encoder, notes, onProgress, open: openEvaluation };
  return withPictures(options.pictures, opening, async (dataset) => {
    const { labels } = requireClasses(dataset, nameOf(options.pictures));
    const names = dataset.classNames ?? [];
    const split = validationSplit(labels, { share, seed, names: dataset.names });
    const at = (places: Int32Array): AnsweredPictures => ({
      dataset: subset(dataset, places),
      answers: { kind: "classes", classes: places.map((place) => labels[place] as number) },
    });
    const [training, validation] = [at(split.training), at(split.validation)];
    const counts = names.map((_, k) => split.training.filter((p) => labels[p] === k).length);
    const task = { kind: "classes" as const, names };
    const pictures = { training: split.training.length, validation: split.validation.length, test: 0 };
    return work({
      ...{ dataset, task, counts, facts: { pictures }, training: training.dataset },
      parts: { task, training, validation, tested: validation },
      text: `${pictures.training} labelled pictures of ${names.length} classes; ${pictures.validation} are held out`,
    });
  });
}

function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
