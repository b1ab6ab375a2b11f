/** What a neural n-gram model says of a text: all V words are scored for every context. */
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { createSession, type SessionOptions } from "../runtime/session.ts";
import {
  compile,
  gather,
  input,
  logSumExp,
  matmul,
  mul,
  type Program,
  reshape,
  sub,
  sum,
} from "../tensor/index.ts";
import { hiddenLayer } from "./hidden-layer.ts";
import type { NeuralNgram } from "./neural-ngram.ts";
import type { Windows } from "./windows.ts";

export interface WindowScores {
  /** By window: log p(word | context), normalised over all V words, in nats. */
  logProbabilities: Float64Array;
  /** By window: log Σ_v exp(s(v, context)), the partition function. 0 where scores are log-probabilities. */
  logNormalizers: Float64Array;
  /** exp of the mean of -log p. */
  perplexity: number;
}

export interface ScoreOptions extends SessionOptions {
  /**
   * Whether what the objective's scores lack of log p is added first: log(K·q) of negative sampling. Default
   * true. Without it, its softmax is that of log p - log q, and no density of the text's words.
   */
  complete?: boolean;
  /** Windows that are scored at a time. Default 256. */
  batchSize?: number;
}

/** Scores windows, of the vocabulary and order that the model has learned with. */
export async function scoreWindows(
  model: Pick<NeuralNgram, "network">,
  windows: Windows,
  { complete = true, batchSize = 256, ...session }: ScoreOptions = {},
): Promise<WindowScores> {
  const { values, width, hidden, missing } = model.network;
  const program = scoreProgram(windows, { width, hidden, batchSize });
  const output = withBias(values.get("output.weight")!, hidden, complete ? missing : null);
  const feeds = { ...Object.fromEntries(values), "output.weight": output };
  const loaded = await createSession(program, session);
  const logProbabilities = new Float64Array(windows.size);
  const logNormalizers = new Float64Array(windows.size);
  for (let start = 0; start < windows.size; start += batchSize) {
    // The last batch is filled up with the last window.
    const indices = Int32Array.from({ length: batchSize }, (_, i) => Math.min(start + i, windows.size - 1));
    const results = await loaded.run({ ...feeds, ...windows.read(indices) });
    const count = Math.min(batchSize, windows.size - start);
    logProbabilities.set((results.logP as Float32Array).subarray(0, count), start);
    logNormalizers.set((results.logZ as Float32Array).subarray(0, count), start);
  }
  await loaded.release();
  const mean = logProbabilities.reduce((total, each) => total + each, 0) / windows.size;
  return { logProbabilities, logNormalizers, perplexity: Math.exp(-mean) };
}

function scoreProgram(
  { order, vocabulary }: Windows,
  { width, hidden, batchSize }: { width: number; hidden: number; batchSize: number },
): Program {
  const scope = new Scope(new Variables(), "", { training: false, trainable: true });
  const embedding = input("embedding.weight", [vocabulary.size + 1, width]);
  const output = input("output.weight", [vocabulary.size, hidden + 1]);
  const embedded = gather(embedding, input("contexts", [batchSize, order - 1], "int32")); // [B, n - 1, D]
  const h = hiddenLayer(scope, embedded, hidden); // [B, H + 1]
  const own = sum(mul(h, gather(output, input("targets", [batchSize], "int32"))), [1]); // [B]
  const logZ = reshape(logSumExp(matmul(h, output, { transposeB: true }), [1]), [batchSize]);
  return compile({ logP: sub(own, logZ), logZ });
}

function withBias(table: Float32Array, hidden: number, missing: Float64Array | null): Float32Array {
  if (missing === null) return table;
  const whole = table.slice();
  for (const [word, value] of missing.entries()) whole[word * (hidden + 1) + hidden]! += value;
  return whole;
}
