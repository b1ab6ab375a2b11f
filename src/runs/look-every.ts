import type { Plan } from "../objectives/situation.ts";

/** The number of measurements of kNN and health, and of checkpoints, in a run of many epochs. */
const LOOKS = 40;
/** For a run of many short epochs: a measurement and a checkpoint take as long as one or two steps. */
const STEPS_BETWEEN_LOOKS = 20;

export interface LookEvery {
  /** Epochs between measurements of the encoder; 0 for never. */
  monitorEvery?: number | undefined;
  /** Epochs between stored states. */
  checkpointEvery?: number | undefined;
}

/**
 * The epochs between measurements, and between checkpoints. About forty measurements in a run, because more
 * of them would take time from its steps; by default there is a checkpoint with each.
 */
export function lookEvery(
  { epochs, stepsPerEpoch }: Pick<Plan, "epochs" | "stepsPerEpoch">,
  asked: LookEvery,
): { monitorEvery: number; checkpointEvery: number } {
  const sparse = Math.max(Math.floor(epochs / LOOKS), Math.ceil(STEPS_BETWEEN_LOOKS / stepsPerEpoch));
  const { monitorEvery = epochs <= LOOKS ? 1 : sparse, checkpointEvery = Math.max(monitorEvery, 1) } = asked;
  return { monitorEvery, checkpointEvery };
}
