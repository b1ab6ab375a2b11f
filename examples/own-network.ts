/**
 * The engine alone: a small network learns the exclusive or.
 * `npx tsx --conditions=source examples/own-network.ts`
 */
import { linear, Scope, Variables } from "afterimage/nn";
import { sgd } from "afterimage/optim";
import { input, mean, square, sub, tanh } from "afterimage/tensor";
import { Learner } from "afterimage/train";

const variables = new Variables();
const network = new Scope(variables, "", { training: true, trainable: true });
const hidden = tanh(linear(network.at("hidden"), input("x", [4, 2]), { out: 8 })); // [4, 8]
const answer = linear(network.at("answer"), hidden, { out: 1 }); // [4, 1]
const loss = mean(square(sub(answer, input("wanted", [4, 1]))));

const optimizer = sgd({ momentum: 0 });
const learner = await Learner.create({ variables, loss, outputs: { answer }, optimizer, learningRate: 0.3 });
const data = { x: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), wanted: Float32Array.of(0, 1, 1, 0) };
for (let step = 1; step <= 500; step++) {
  const results = await learner.step(data);
  if (step % 100 === 0) console.log(`step ${step}: loss ${(results.loss![0] as number).toFixed(5)}`);
  if (step === 500)
    console.log(`answers ${Array.from(results.answer as Float32Array, (v) => v.toFixed(2)).join(" ")}`);
}
await learner.release();
