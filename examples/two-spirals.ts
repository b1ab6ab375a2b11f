/**
 * A network of your own, with batch norm and dropout. It learns to separate two spirals, and each step is one
 * graph.
 *
 * npx tsx --conditions=source examples/two-spirals.ts
 */
import { softmaxCrossEntropyWithAccuracy } from "afterimage/losses";
import { batchNorm, dropout, linear, Scope, Variables } from "afterimage/nn";
import { adamw } from "afterimage/optim";
import { randomStream } from "afterimage/random";
import { input, relu } from "afterimage/tensor";
import { Learner } from "afterimage/train";

const [B, WIDTH, STEPS] = [128, 32, 400];

const variables = new Variables();
const network = new Scope(variables, "", { training: true, trainable: true });
let x = input("points", [B, 2]);
for (const layer of ["first", "second"]) {
  const scope = network.at(layer);
  x = relu(batchNorm(scope.at("norm"), linear(scope, x, { out: WIDTH }))); // [B, WIDTH]
}
const logits = linear(network.at("head"), dropout(network, x, 0.1), { out: 2 }); // [B, 2]
const { loss, accuracy } = softmaxCrossEntropyWithAccuracy(logits, input("spiral", [B], "int32"));

/** Points of two spirals, in alternation. */
function points(step: number) {
  const random = randomStream(0, "spirals", step, 0);
  const spiral = Int32Array.from({ length: B }, (_, i) => i % 2);
  const coordinates = Array.from(spiral, (which) => {
    const turn = random.uniform(0.2, 1.2);
    const angle = 2 * Math.PI * turn + Math.PI * which;
    return [turn * Math.cos(angle), turn * Math.sin(angle)];
  });
  return { points: Float32Array.from(coordinates.flat()), spiral };
}

const learner = await Learner.create({
  variables,
  loss,
  outputs: { accuracy },
  optimizer: adamw(),
  learningRate: 3e-3,
});
for (let step = 1; step <= STEPS; step++) {
  const { loss, accuracy } = await learner.step(points(step));
  if (step % 100 === 0)
    console.log(
      `step ${step}: loss ${(loss![0] as number).toFixed(3)}, accuracy ${(accuracy![0] as number).toFixed(3)}`,
    );
}
await learner.release();
