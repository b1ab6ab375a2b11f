/** Settings of DINO and its successors by the size of the data set and the length of the run. */
import type { Situation } from "../../objectives/situation.ts";
import { shortMomentum } from "./short-runs.ts";

/** K, the outputs of the head: the authors' 65,536 at ImageNet's size, fewer for fewer pictures. */
export function outputsFor(pictures: number): number {
  const steps: [number, number][] = [
    [20_000, 1024],
    [50_000, 2048],
    [100_000, 4096],
    [200_000, 16_384],
    [500_000, 32_768],
  ];
  return steps.find(([limit]) => pictures < limit)?.[1] ?? 65_536;
}

/**
 * Settings that differ in short runs: few outputs, a head of one layer, and a faster teacher.
 *
 * @param leastMomentum lower bound of the teacher's momentum. Centres are averages and cannot follow a
 * teacher faster than 0.97. Balancing outputs within the batch has no such limit.
 */
export function shortDistillation(situation: Situation, leastMomentum = 0.97) {
  return {
    ...{ outputs: 256, headLayers: 1, teacherMomentum: shortMomentum(situation, leastMomentum) },
    globalScale: [0.5, 1] as [number, number],
    freezeLastLayerEpochs: Math.min(1, 0.1 * situation.epochs),
  };
}
