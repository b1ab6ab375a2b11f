/** The same evaluation of all features, whatever their origin. */
import type { Matrix } from "afterimage/data";
import { health, knn, linearProbe, type Metric } from "afterimage/evaluate";
import { meanOf, type Recalls, scoreArtists, scoreCopies } from "../demo/tasks.ts";
import { labelsOf, type PictureSet } from "./picture-set.ts";
import { KNN } from "./recipe.ts";

export interface Figures {
  /** Accuracies on the test pictures. */
  knn: number;
  linear: number;
  /** The linear probe's learning rate, chosen on a part of the training pictures. */
  linearRate: number;
  /** Health of the test pictures' features. */
  rankMe: number;
  deviation: number;
  idealDeviation: number;
  /**
   * Recalls of the edited copies of the test pictures: each one searches for its original among all test
   * pictures.
   */
  copies: Recalls;
  /** Recalls of the same thing drawn by another artist; null if the set does not tell. */
  artists: Recalls | null;
}

export interface Features {
  train: Matrix;
  test: Matrix;
  /** Features of the edited copies of the test pictures, in their order. */
  copies: Matrix;
  metric: Metric;
}

/** The probe's own draws are the same for all seeds, so only the training varies from seed to seed. */
const PROBE_SEED = 0;

export async function judge(
  { train, test, copies, metric }: Features,
  set: PictureSet,
  threads: number,
): Promise<Figures> {
  const [trainLabels, testLabels] = [labelsOf(set.train), labelsOf(set.test)];
  const { classes } = set;
  const neighbours = await knn({
    ...{ bank: train, bankLabels: trainLabels, queries: test, queryLabels: testLabels },
    ...{ ...KNN, metric, classes, threads },
  });
  const probe = await linearProbe({
    ...{ train, trainLabels, test, testLabels, classes, threads },
    seed: PROBE_SEED,
  });
  const { rankMe, deviation, idealDeviation } = health(test);
  const found = { originals: test, copies, metric };
  return {
    knn: neighbours.accuracy.get(KNN.k)!,
    linear: probe.accuracy,
    linearRate: probe.learningRate,
    ...{ rankMe, deviation, idealDeviation },
    copies: await scoreCopies(found, threads),
    artists: set.tasks.names.length === 0 ? null : meanOf(await scoreArtists(set.tasks, found, threads)),
  };
}
