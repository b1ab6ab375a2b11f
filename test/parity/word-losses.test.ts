/** The neural n-gram model against PyTorch (scripts/make_word_losses.py): losses and all gradients. */
import { fullSoftmax, inBatchInfoNce, nceOfWords, negativeSampling, unigramNoise } from "afterimage/text";
import { expect, test } from "vitest";
import { Scope } from "../../src/nn/scope.ts";
import { Variables } from "../../src/nn/variables.ts";
import { compile, constant, gather, gradients, reshape, type Tensor } from "../../src/tensor/index.ts";
import { hiddenLayer } from "../../src/text/hidden-layer.ts";
import { deterministic } from "../support/deterministic.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";
import { runTwice } from "../support/run-twice.ts";

const fixture = readFixture("word-losses");
const { width, hidden, power, counts, targets, noise, contexts } = fixture.setting<{
  width: number;
  hidden: number;
  power: number;
  counts: number[];
  targets: number[];
  noise: number[];
  contexts: number[][];
}>("settings");

const drawn = { noise: unigramNoise(counts, power), draws: noise.length };
const CASES = {
  softmax: fullSoftmax(),
  nce: nceOfWords(drawn),
  negative_sampling: negativeSampling(drawn),
  info_nce: inBatchInfoNce(unigramNoise(counts, 1)),
};
const int = (values: readonly number[]) => constant(values, [values.length], "int32");

const VALUES: Readonly<Record<string, Float32Array>> = {
  "embedding.weight": deterministic("word-losses.embedding", (counts.length + 1) * width),
  "hidden.weight": deterministic("word-losses.hidden.weight", hidden * contexts[0]!.length * width),
  "hidden.bias": deterministic("word-losses.hidden.bias", hidden),
  "output.weight": deterministic("word-losses.output", counts.length * (hidden + 1)),
};

test.each(Object.entries(CASES))("%s has PyTorch's value and gradients", async (name, objective) => {
  const scope = new Scope(new Variables(), "", { training: true, trainable: true });
  const unused = () => new Float32Array(0);
  const embedding = scope.at("embedding").parameter("weight", [counts.length + 1, width], unused);
  const embedded = gather(embedding, reshape(int(contexts.flat()), [targets.length, contexts[0]!.length]));
  const q = objective.noise?.logProbabilities ?? new Float64Array(counts.length);
  const logQ = (words: readonly number[]): Tensor =>
    constant(
      words.map((word) => q[word]!),
      [words.length],
    );
  const loss = objective.loss({
    hidden: hiddenLayer(scope, embedded, hidden),
    rows: scope.at("output").parameter("weight", [counts.length, hidden + 1], unused),
    ...{ targets: int(targets), noise: int(noise), targetLogQ: logQ(targets), noiseLogQ: logQ(noise) },
  });
  const { parameters } = scope.variables;
  const grads = gradients(
    loss,
    parameters.map(({ value }) => value),
  ).map((grad, i) => [`grad/${parameters[i]!.path}`, grad] as const);
  const got = await runTwice(compile({ loss, ...Object.fromEntries(grads) }), VALUES);
  const entries = fixture.endings(`${name}/`);
  expect(entries).toHaveLength(5);
  for (const entry of entries) {
    const error = relativeError(got[entry] as Float32Array, fixture.floats(`${name}/${entry}`));
    expect(error, entry).toBeLessThan(1e-5);
  }
});
