/**
 * CPC on sequences: noisy waves with four shapes and any pitch, without labels. Afterwards kNN predicts the
 * shapes from the network's contexts, before and after training.
 *
 * npx tsx --conditions=source examples/cpc-sequences.ts
 */
import { sequenceEncoder } from "afterimage/backbones";
import { knn } from "afterimage/evaluate";
import { predictiveCoding } from "afterimage/losses";
import { linear, predictAhead, Scope, Variables } from "afterimage/nn";
import { adamw } from "afterimage/optim";
import { randomStream } from "afterimage/random";
import { runOnce } from "afterimage/runtime";
import { compile, input, mean } from "afterimage/tensor";
import { Learner } from "afterimage/train";

const [B, LENGTH, WIDTH, STEPS] = [64, 128, 48, 200];
const saw = (x: number) => 2 * (x / (2 * Math.PI) - Math.floor(x / (2 * Math.PI))) - 1;
const SHAPES = [Math.sin, saw, (x: number) => 2 * Math.abs(saw(x)) - 1, (x: number) => Math.sign(saw(x))];

/** `count` waves `[count, 1, LENGTH]`, wave i of shape i mod 4. */
function waves(count: number, set: string, index = 0): Float32Array {
  const random = randomStream(0, set, 0, index);
  const pitches = Array.from({ length: count }, () => random.uniform(0.2, 0.5));
  const phases = pitches.map(() => random.uniform(0, 2 * Math.PI));
  return Float32Array.from({ length: count * LENGTH }, (_, at) => {
    const wave = Math.floor(at / LENGTH);
    const angle = pitches[wave]! * (at % LENGTH) + phases[wave]!;
    return SHAPES[wave % 4]!(angle) + random.uniform(-1, 1);
  });
}

const variables = new Variables();
const network = new Scope(variables, "", { training: true, trainable: true });
const layers = [8, 4].map((kernel) => ({ out: 32, kernel, stride: kernel / 2 }));
const encoder = sequenceEncoder({ layers, context: "gru", contextWidth: WIDTH });
const { latents, contexts } = encoder.build(network, input("waves", [B, 1, LENGTH]));
const targets = linear(network.at("target"), latents, { out: 16, bias: false }); // [B, 14, 16]
const predictions = predictAhead(network.at("predictor"), contexts, { distances: [2, 4, 6], out: 16 });
const loss = predictiveCoding({ targets, predictions, temperature: 1 });

const learner = await Learner.create({ variables, loss, optimizer: adamw(), learningRate: 3e-3 });

/** kNN accuracy of the waves' shapes, by the mean of each wave's contexts. */
async function shapesKnown(count = 512): Promise<string> {
  const { contexts: known } = encoder.build(network, input("waves", [count, 1, LENGTH]));
  const program = compile({ features: mean(known, [1]) });
  const results = await runOnce(program, {
    waves: waves(count, "new"),
    ...Object.fromEntries(learner.values),
  });
  const bank = { rows: count, cols: WIDTH, data: results.features as Float32Array };
  const labels = Int32Array.from({ length: count }, (_, i) => i % 4);
  const own = { bank, bankLabels: labels, queries: bank, queryLabels: labels, excludeSelf: true };
  const { accuracy } = await knn({ ...own, k: 10, temperature: 0.1 });
  return accuracy.get(10)!.toFixed(3);
}

const before = await shapesKnown();
for (let step = 1; step <= STEPS; step++) {
  const results = await learner.step({ waves: waves(B, "training", step) });
  if (step % 50 === 0) console.log(`step ${step}: loss ${(results.loss![0] as number).toFixed(3)}`);
}
await learner.release();
console.log(`shapes known ${before} → ${await shapesKnown()}`);
