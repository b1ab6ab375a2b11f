/**
 * CPC on sequences: noisy waves of four shapes and any pitch, of which nothing is told; then their shapes by the nearest
 * neighbours of what the network knows of them, before and after.
 *
 * npx tsx --conditions=source examples/cpc-sequences.ts
 */
import { sequenceEncoder } from "afterimage/backbones";
import { knn } from "afterimage/evaluate";
import { predictiveCoding } from "afterimage/losses";
import { linear, predictAhead, Scope, Variables } from "afterimage/nn";
import { adamw } from "afterimage/optim";
import { randomStream } from "afterimage/random";
import { createSession, runOnce } from "afterimage/runtime";
import { compile, gradients, input, mean, scalar } from "afterimage/tensor";

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

const { parameters } = variables;
const all = parameters.map(({ value }) => value);
const grads = gradients(loss, all);
const rule = adamw();
const hyper = { learningRate: scalar(3e-3), weightDecay: scalar(0), step: input("step", []) };
const values = new Map<string, Float32Array>();
const next = parameters.flatMap(({ path, shape, initial, value, decays }, i) => {
  const slots = Object.fromEntries(rule.slots(shape).map((slot) => [slot, input(`${slot}/${path}`, shape)]));
  values.set(path, initial(shape, randomStream(0, path, 0, 0)));
  for (const slot of rule.slots(shape)) values.set(`${slot}/${path}`, new Float32Array(value.size));
  const updated = rule.update({ value, grad: grads[i]!, slots, decays }, hyper);
  const kept = Object.entries(updated.slots).map(([slot, to]) => [`next:${slot}/${path}`, to] as const);
  return [[`next:${path}`, updated.value] as const, ...kept];
});

/** The share of waves whose shape their neighbours tell: by the mean of a wave's contexts. */
async function shapesKnown(count = 512): Promise<string> {
  const { contexts: known } = encoder.build(network, input("waves", [count, 1, LENGTH]));
  const program = compile({ features: mean(known, [1]) });
  const results = await runOnce(program, { waves: waves(count, "new"), ...Object.fromEntries(values) });
  const bank = { rows: count, cols: WIDTH, data: results.features as Float32Array };
  const labels = Int32Array.from({ length: count }, (_, i) => i % 4);
  const own = { bank, bankLabels: labels, queries: bank, queryLabels: labels, excludeSelf: true };
  const { accuracy } = await knn({ ...own, k: 10, temperature: 0.1 });
  return accuracy.get(10)!.toFixed(3);
}

const before = await shapesKnown();
const session = await createSession(compile({ loss, ...Object.fromEntries(next) }));
for (let step = 1; step <= STEPS; step++) {
  const own = { waves: waves(B, "training", step), step: Float32Array.of(step) };
  const results = await session.run({ ...own, ...Object.fromEntries(values) });
  for (const path of values.keys()) values.set(path, results[`next:${path}`] as Float32Array);
  if (step % 50 === 0) console.log(`step ${step}: loss ${(results.loss![0] as number).toFixed(3)}`);
}
await session.release();
console.log(`shapes known ${before} → ${await shapesKnown()}`);
