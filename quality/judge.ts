/** The same judgement of all features, wherever they come from. */
import type { Matrix } from "afterimage/data";
import { health, knn, linearProbe, type Metric } from "afterimage/evaluate";
import { meanOf, type Recalls, scoreArtists, scoreCopies } from "../demo/tasks.ts";
import { labelsOf, type PictureSet } from "./picture-set.ts";
import { KNN } from "./recipe.ts";

export interface Figures {
  /** Shares of the test pictures classified right. */
  knn: number;
  linear: number;
  /** The linear probe's learning rate, chosen by a part of the training pictures. */
  linearRate: number;
  /** Of the test pictures' features. */
  rankMe: number;
  deviation: number;
  idealDeviation: number;
  /** Edited copies of the test pictures that find their original among all test pictures. */
  copies: Recalls;
  /** Test pictures that find the same thing drawn by another artist; null where the set does not know. */
  artists: Recalls | null;
}

export interface Features {
  train: Matrix;
  test: Matrix;
  /** Of the edited copies of the test pictures, in their order. */
  copies: Matrix;
  metric: Metric;
}

/** The probe's own draws are the same for all seeds: what varies from seed to seed is the training. */
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
