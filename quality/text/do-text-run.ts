/** One model on one vocabulary: trained, tested on the last tenth by time, and told. */
import { readFileSync } from "node:fs";
import {
  type LanguageModel,
  modifiedKneserNey,
  NeuralNgram,
  NgramCounts,
  scoreWindows,
  Vocabulary,
  Windows,
} from "afterimage/text";
import { machine } from "../../bench/machine.ts";
import type { Addresses } from "./addresses.ts";
import type { TextResult } from "./result.ts";
import { SETTINGS, type Way } from "./ways.ts";

/** What all runs of a vocabulary share. */
export interface TextTask {
  /** V. */
  size: number;
  /** Its words that the training text has. */
  known: number;
  training: Windows;
  test: Windows;
  counts: NgramCounts;
  /** log p of the modified Kneser–Ney model, by window of the test. */
  counted: Float64Array;
  unknown: number;
}

/** Where the text has fewer words than V, rows of words that never occur fill the table. */
export function textTask({ training, test }: Addresses, size: number): TextTask {
  const found = Vocabulary.of(training, { size });
  const words = found.words.slice(2, -1);
  const unused = Array.from({ length: size - found.size }, (_, i) => `<unused ${i}>`);
  const vocabulary = new Vocabulary([...words, ...unused]);
  const counts = NgramCounts.of(training, { vocabulary, order: SETTINGS.order });
  const windows = new Windows(test, vocabulary, SETTINGS.order);
  return {
    ...{ size, known: found.size, counts, test: windows },
    training: new Windows(training, vocabulary, SETTINGS.order),
    counted: logProbabilitiesOf(modifiedKneserNey(counts), windows),
    unknown: test.flat().filter((word) => !found.has(word)).length,
  };
}

export async function doTextRun(
  way: Way,
  task: TextTask,
  seed: number,
): Promise<Omit<TextResult, "version">> {
  const { cpu, cores, system, node } = machine();
  const done =
    "estimate" in way ? countedRun(way.estimate, task) : await neuralRun(way.objective, task, seed);
  return {
    ...{ vocabulary: task.size, known: task.known, way: way.name, seed },
    command: `npm run quality -- --text --vocabularies ${task.size} --ways ${way.name} --seed ${seed}`,
    date: new Date().toISOString(),
    machine: { cpu, cores, system, node },
    versions: versions(),
    settings: "estimate" in way ? { order: SETTINGS.order } : SETTINGS,
    text: { training: task.training.size, test: task.test.size, unknown: task.unknown },
    ...done,
  };
}

type Figures = Pick<
  TextResult,
  "seconds" | "steps" | "loss" | "perplexity" | "mixed" | "logNormalizer" | "bare"
>;

function countedRun(estimate: (counts: NgramCounts) => LanguageModel, { counts, test }: TextTask): Figures {
  const watch = new Watch();
  const model = estimate(counts);
  const seconds = watch.read();
  const perplexity = perplexityOf(logProbabilitiesOf(model, test));
  return { seconds, steps: null, loss: null, perplexity, mixed: null, logNormalizer: null, bare: null };
}

async function neuralRun(
  objectiveOf: Extract<Way, { objective: unknown }>["objective"],
  { training, test, counted }: TextTask,
  seed: number,
): Promise<Figures> {
  const { width, hidden, batchSize, epochs, learningRate } = SETTINGS;
  const steps = Math.ceil(training.size / batchSize) * epochs;
  const objective = objectiveOf(training.counts);
  const model = await NeuralNgram.create({
    ...{ windows: training, objective, width, hidden, batchSize, seed, threads: 1 },
    learningRate: (step) => learningRate * (1 - (0.95 * step) / steps),
  });
  const watch = new Watch();
  let loss = Number.NaN;
  for (let epoch = 0; epoch < epochs; epoch++) loss = (await model.epoch()).loss;
  const seconds = watch.read();
  const scores = await scoreWindows(model, test, { threads: 1 });
  const bare =
    objective.missing && (await scoreWindows(model, test, { threads: 1, complete: false })).perplexity;
  await model.release();
  return {
    ...{ seconds, steps, loss, bare },
    perplexity: scores.perplexity,
    mixed: perplexityOf(mixture(scores.logProbabilities, counted)),
    logNormalizer: momentsOf(scores.logNormalizers),
  };
}

/** log(½ p + ½ q), window by window. */
function mixture(logP: Float64Array, logQ: Float64Array): Float64Array {
  return logP.map((each, i) => Math.log((Math.exp(each) + Math.exp(logQ[i]!)) / 2));
}

function logProbabilitiesOf(model: LanguageModel, windows: Windows): Float64Array {
  const width = windows.order - 1;
  const { contexts, targets } = windows.read(Int32Array.from({ length: windows.size }, (_, i) => i));
  return Float64Array.from(targets, (target, i) =>
    Math.log(model.probability(contexts.subarray(i * width, (i + 1) * width), target)),
  );
}

function perplexityOf(logP: Float64Array): number {
  return Math.exp(-logP.reduce((sum, each) => sum + each, 0) / logP.length);
}

function momentsOf(values: Float64Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  const square = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}

/** Seconds since it was made. */
class Watch {
  readonly #start = performance.now();
  readonly #usage = process.cpuUsage();

  read(): { wall: number; processor: number } {
    const { user, system } = process.cpuUsage(this.#usage);
    return { wall: (performance.now() - this.#start) / 1000, processor: (user + system) / 1e6 };
  }
}

function versions(): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
    dependencies: Record<string, string>;
  };
  return { "onnxruntime-node": dependencies["onnxruntime-node"]! };
}
