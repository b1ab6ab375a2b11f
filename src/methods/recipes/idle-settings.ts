/** Settings that have no effect, or not the effect that they describe, because of other settings. */
import type { Situation } from "../../objectives/situation.ts";

type Settings = Readonly<Record<string, unknown>>;

interface Rule {
  names: readonly string[];
  /**
   * The reason, or null if the setting has its effect. The settings may be of any method, because a name
   * means the same in all.
   */
  why(settings: Settings, situation: Situation, name: string): string | null;
}

const when = (isIdle: boolean, why: string) => (isIdle ? why : null);

const RULES: readonly Rule[] = [
  {
    names: ["localSize", "localScale"],
    why: ({ localCrops }) => when(localCrops === 0, "there are no local crops (localCrops is 0)"),
  },
  {
    names: ["queueStart"],
    why: ({ queue }) => when(queue === 0, "there is no queue (queue is 0)"),
  },
  {
    names: ["queue"],
    why: ({ queue }, { pictures }) =>
      when(
        Number(queue) > pictures,
        `it is longer than the ${pictures} pictures, so pictures meet themselves in it`,
      ),
  },
  {
    names: ["negatives", "bankMomentum"],
    why: ({ loss }) => when(loss === "batch", "there is no memory bank (loss is batch)"),
  },
  {
    names: ["negatives"],
    why: ({ negatives, loss }, { pictures }) =>
      when(
        loss !== "batch" && Number(negatives) >= pictures,
        `the bank has only ${pictures} rows, so all of them are compared`,
      ),
  },
  {
    names: ["freezeLastLayerEpochs", "freezePrototypesEpochs"],
    why: (settings, { epochs }, name) =>
      when(
        Number(settings[name]) >= epochs,
        `the run has ${epochs} epochs, so this layer is frozen throughout and never learns`,
      ),
  },
  {
    names: ["teacherTemperatureStart"],
    why: ({ teacherTemperatureWarmup }, { epochs }) =>
      when(
        Math.round(Number(teacherTemperatureWarmup) * epochs) === 0,
        `its warm-up is shorter than an epoch (teacherTemperatureWarmup is ${teacherTemperatureWarmup})`,
      ),
  },
  {
    names: ["maskRatio"],
    why: ({ maskProbability }) => when(maskProbability === 0, "nothing is hidden (maskProbability is 0)"),
  },
  {
    names: ["headWidth", "headBatchNorm"],
    why: ({ headLayers }) => when(headLayers === 1, "the head has no hidden layer (headLayers is 1)"),
  },
  {
    names: ["projectionWidth"],
    why: ({ projectionLayers }) =>
      when(projectionLayers === 1, "the head has no hidden layer (projectionLayers is 1)"),
  },
  {
    names: ["contextLayers"],
    why: ({ context }) => when(context === "gru", "the context is a GRU (context is gru)"),
  },
  {
    names: ["discriminator"],
    why: ({ priorWeight }) => when(priorWeight === 0, "there is no prior (priorWeight is 0)"),
  },
  {
    names: ["bottleneck"],
    why: ({ predictor }) => when(predictor === false, "there is no predictor (predictor is false)"),
  },
];

/** The reason why a setting has no effect in this situation, as a clause; null if it has one. */
export function idleReason(name: string, settings: Settings, situation: Situation): string | null {
  for (const rule of RULES) {
    const reason = rule.names.includes(name) ? rule.why(settings, situation, name) : null;
    if (reason !== null) return reason;
  }
  return null;
}
