/** The neural n-gram model of Bengio et al. 2003 (JMLR 3), and its training. */
import { AfterimageError } from "../errors.ts";
import { normal } from "../nn/initializers.ts";
import { adamw } from "../optim/adamw.ts";
import type { OptimizerRule } from "../optim/optimizer.ts";
import { randomStream } from "../random/random-stream.ts";
import type { Feeds, SessionOptions } from "../runtime/session.ts";
import { Learner } from "../train/learner.ts";
import type { Values } from "../train/values.ts";
import { EMBEDDING, firstOutput, ngramStep, OUTPUT, scoresAll } from "./ngram-step.ts";
import { requireWhole } from "./require-whole.ts";
import { SparseRows } from "./sparse-rows.ts";
import type { Windows } from "./windows.ts";
import type { WordObjective } from "./word-objectives.ts";

export interface NeuralNgramOptions extends SessionOptions {
  /** The text to learn from. Its vocabulary and order are the model's. */
  windows: Windows;
  objective: WordObjective;
  /** D, the numbers of an embedded word. Default 64. */
  width?: number;
  /** H, the width of the hidden layer. Default 64. */
  hidden?: number;
  /** B, the windows of a step. Default 256. */
  batchSize?: number;
  /** Default AdamW; nothing decays. */
  optimizer?: OptimizerRule;
  /** A number, or a function of the step (0-based). Default 0.01. */
  learningRate?: number | ((step: number) => number);
  /** Of first values, the order of windows and the noise. Default 0. */
  seed?: number;
}

type Settings = NeuralNgramOptions &
  Required<
    Pick<NeuralNgramOptions, "width" | "hidden" | "batchSize" | "optimizer" | "learningRate" | "seed">
  >;

/**
 * p(w | c) = exp(s(w, c)) / Σ_v exp(s(v, c)), s(w, c) = r_w · tanh(U·[e_1, …, e_{n-1}] + d) + b_w, e the
 * embedded words of the context. Bengio's direct connections from embedded words to scores are left out.
 *
 * The embedded words are a table `[V + 1, D]`; the rows of predicted words are another, `[V, H + 1]`, with b
 * in the last column. A step learns the rows of its own words ({@link SparseRows}); the full softmax learns
 * all rows of the second table. First values: r is 0, and b is such that every context has the unigram
 * distribution where the objective's loss is least.
 */
export class NeuralNgram {
  readonly #settings: Settings;
  readonly #learner: Learner;
  readonly #embedding: SparseRows;
  /** Null where a step scores all words: their rows are among the learner's values. */
  readonly #output: SparseRows | null;
  #epoch = 0;

  private constructor(
    settings: Settings,
    learner: Learner,
    tables: { embedding: SparseRows; output: SparseRows | null },
  ) {
    this.#settings = settings;
    this.#learner = learner;
    this.#embedding = tables.embedding;
    this.#output = tables.output;
  }

  /**
   * @throws AfterimageError `usage/value` for widths or a batch below 1, and for noise of another vocabulary.
   */
  static async create(options: NeuralNgramOptions): Promise<NeuralNgram> {
    const settings = settle(options);
    const { windows, objective, optimizer, width, hidden, seed } = settings;
    const embedding = normal(0.3)(
      [windows.vocabulary.size + 1, width],
      randomStream(seed, `init/${EMBEDDING}`, 0, 0),
    );
    const output = firstOutput(windows.counts, settings);
    const { variables, loss, rows } = ngramStep(
      { ...settings, vocabulary: windows.vocabulary, order: windows.order },
      output,
    );
    const learner = await Learner.create({ ...settings, variables, loss });
    const isSparse = !scoresAll(objective);
    return new NeuralNgram(settings, learner, {
      embedding: new SparseRows({
        path: EMBEDDING,
        width,
        capacity: rows.embedding,
        table: embedding,
        optimizer,
      }),
      output: isSparse
        ? new SparseRows({ path: OUTPUT, width: hidden + 1, capacity: rows.output, table: output, optimizer })
        : null,
    });
  }

  /** The number of steps so far. */
  get steps(): number {
    return this.#learner.steps;
  }

  /**
   * Parameters and the optimiser's slots by path, the tables as a whole: `embedding.weight`, `output.weight`,
   * `hidden.weight`, `hidden.bias`, `optimizer.<slot>/<path>`.
   */
  get values(): Values {
    return new Map([...this.#learner.values, ...this.#embedding.tables, ...(this.#output?.tables ?? [])]);
  }

  /** What scores words: {@link scoreWindows} takes it. */
  get network(): { values: Values; width: number; hidden: number; missing: Float64Array | null } {
    const { width, hidden, objective } = this.#settings;
    return { values: this.values, width, hidden, missing: objective.missing };
  }

  /**
   * One pass over the windows in random order; the last batch is filled up with the first windows.
   *
   * @returns the mean of the steps' losses, in nats.
   */
  async epoch(): Promise<{ loss: number; steps: number }> {
    const { windows, batchSize, seed } = this.#settings;
    const order = randomStream(seed, "text/order", this.#epoch, 0).permutation(windows.size);
    const steps = Math.ceil(windows.size / batchSize);
    let sum = 0;
    for (let step = 0; step < steps; step++) {
      const indices = Int32Array.from(
        { length: batchSize },
        (_, i) => order[(step * batchSize + i) % order.length]!,
      );
      sum += await this.step(windows.read(indices));
    }
    this.#epoch += 1;
    return { loss: sum / steps, steps };
  }

  /**
   * One step on contexts `[B, n - 1]` and the words after them, `[B]`.
   *
   * @returns the loss before the step, in nats.
   * @throws AfterimageError `train/not-finite` for a loss that is no number any more.
   */
  async step({ contexts, targets }: { contexts: Int32Array; targets: Int32Array }): Promise<number> {
    const { objective, seed } = this.#settings;
    const { values, steps } = this.#learner;
    const noise = new Int32Array(objective.draws);
    objective.noise?.fill(noise, randomStream(seed, "text/noise", steps, 0));
    const [contextPlaces] = this.#embedding.load([contexts], values);
    const [targetPlaces, noisePlaces] = this.#output?.load([targets, noise], values) ?? [targets, noise];
    const results = await this.#learner.step({
      ...logProbabilitiesOf(objective, { targets, noise }),
      contexts: contextPlaces!,
      targets: targetPlaces!,
      noise: noisePlaces!,
    });
    this.#embedding.store(values);
    this.#output?.store(values);
    return requireFinite(results.loss![0] as number, steps);
  }

  async release(): Promise<void> {
    await this.#learner.release();
  }
}

function logProbabilitiesOf(
  { noise: q }: WordObjective,
  { targets, noise }: { targets: Int32Array; noise: Int32Array },
): Feeds {
  if (q === null) return {};
  const of = (words: Int32Array) => Float32Array.from(words, (word) => q.logProbabilities[word]!);
  return { target_log_q: of(targets), noise_log_q: of(noise) };
}

function settle(options: NeuralNgramOptions): Settings {
  const {
    width = 64,
    hidden = 64,
    batchSize = 256,
    seed = 0,
    learningRate = 0.01,
    optimizer = adamw(),
  } = options;
  for (const [name, value] of Object.entries({ width, hidden, batchSize })) requireWhole(name, value, 1);
  const { noise } = options.objective;
  const words = options.windows.vocabulary.size;
  if (noise !== null && noise.logProbabilities.length !== words) {
    throw new AfterimageError("usage/value", {
      what: "the noise is of another vocabulary than the text",
      expected: `${words} words`,
      got: `${noise.logProbabilities.length}`,
      todo: "Make it from the counts of the windows to learn from.",
    });
  }
  return { ...options, width, hidden, batchSize, seed, learningRate, optimizer };
}

function requireFinite(loss: number, step: number): number {
  if (Number.isFinite(loss)) return loss;
  throw new AfterimageError("train/not-finite", {
    what: "the loss is no finite number",
    where: `step ${step + 1}`,
    got: `${loss}`,
    todo: "Take a smaller learning rate.",
  });
}
