/** The graph of a neural n-gram model's loss, and its first values. */
import { type Initializer, zeros } from "../nn/initializers.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { gather, input, type Shape, type Tensor } from "../tensor/index.ts";
import { hiddenLayer } from "./hidden-layer.ts";
import type { Vocabulary } from "./vocabulary.ts";
import type { WordObjective } from "./word-objectives.ts";

/** Paths of the two tables. */
export const EMBEDDING = "embedding.weight";
export const OUTPUT = "output.weight";

/** Whether a step scores all V words: their rows are then one parameter of the step. */
export const scoresAll = (objective: WordObjective) => objective.noise === null;

export interface NgramStepOptions {
  vocabulary: Pick<Vocabulary, "size">;
  order: number;
  objective: WordObjective;
  width: number;
  hidden: number;
  batchSize: number;
}

export interface NgramStep {
  variables: Variables;
  loss: Tensor;
  /** How many rows the step has of each table. */
  rows: { embedding: number; output: number };
}

/**
 * The loss of B windows, with inputs `contexts` `[B, n - 1]`, `targets` `[B]`, `noise` `[K]`, `target_log_q`
 * `[B]` and `noise_log_q` `[K]`. Words are given by the places of their rows in the step's tables.
 *
 * @param output first values of the whole table of predicted words.
 */
export function ngramStep(
  { vocabulary, order, objective, width, hidden, batchSize }: NgramStepOptions,
  output: Float32Array,
): NgramStep {
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const isWhole = scoresAll(objective);
  const rows = {
    embedding: batchSize * (order - 1),
    output: isWhole ? vocabulary.size : batchSize + objective.draws,
  };
  const table = (name: string, shape: Shape, initial: Initializer) =>
    scope.at(name).parameter("weight", shape, initial, { decays: false });
  const embedded = gather(
    table("embedding", [rows.embedding, width], zeros),
    input("contexts", [batchSize, order - 1], "int32"),
  ); // [B, n - 1, D]
  const loss = objective.loss({
    hidden: hiddenLayer(scope, embedded, hidden),
    // What comes from a table before every step needs no first values.
    rows: table("output", [rows.output, hidden + 1], isWhole ? () => output.slice() : zeros),
    targets: input("targets", [batchSize], "int32"),
    noise: input("noise", [Math.max(1, objective.draws)], "int32"),
    targetLogQ: input("target_log_q", [batchSize]),
    noiseLogQ: input("noise_log_q", [Math.max(1, objective.draws)]),
  });
  return { variables, loss, rows };
}

/**
 * First rows `[V, H + 1]`: r = 0; b = log of the smoothed unigram distribution, less what the scores lack of
 * it.
 */
export function firstOutput(
  counts: Float64Array,
  { objective, hidden }: Pick<NgramStepOptions, "objective" | "hidden">,
): Float32Array {
  const width = hidden + 1;
  const total = counts.reduce((sum, count) => sum + count + 1, 0);
  const table = new Float32Array(counts.length * width);
  for (const [word, count] of counts.entries())
    table[word * width + hidden] = Math.log((count + 1) / total) - (objective.missing?.[word] ?? 0);
  return table;
}
