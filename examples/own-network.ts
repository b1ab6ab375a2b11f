/**
 * The engine by itself: a small network learns the exclusive or, every step one graph.
 *
 * npx tsx --conditions=source examples/own-network.ts
 */
import { linear, Scope, Variables } from "afterimage/nn";
import { sgd } from "afterimage/optim";
import { randomStream } from "afterimage/random";
import { createSession } from "afterimage/runtime";
import { compile, gradients, input, mean, scalar, square, sub, tanh } from "afterimage/tensor";

const variables = new Variables();
const network = new Scope(variables, "", { training: true, trainable: true });
const x = input("x", [4, 2]);
const wanted = input("wanted", [4, 1]);
const hidden = tanh(linear(network.at("hidden"), x, { out: 8 })); // [4, 8]
const answer = linear(network.at("answer"), hidden, { out: 1 }); // [4, 1]
const loss = mean(square(sub(answer, wanted)));

const { parameters } = variables;
const grads = gradients(
  loss,
  parameters.map(({ value }) => value),
);
const rule = sgd({ momentum: 0 });
const hyper = { learningRate: scalar(0.3), weightDecay: scalar(0), step: scalar(1) };
const next = parameters.map(({ path, value, decays }, i) => {
  const updated = rule.update({ value, grad: grads[i]!, slots: {}, decays }, hyper);
  return [`next:${path}`, updated.value] as const;
});

const session = await createSession(compile({ loss, answer, ...Object.fromEntries(next) }));
const values = new Map(
  parameters.map(({ path, shape, initial }) => [path, initial(shape, randomStream(0, path, 0, 0))]),
);
const data = { x: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), wanted: Float32Array.of(0, 1, 1, 0) };
for (let step = 0; step < 500; step++) {
  const results = await session.run({ ...data, ...Object.fromEntries(values) });
  for (const { path } of parameters) values.set(path, results[`next:${path}`] as Float32Array);
  if (step % 100 === 99) console.log(`step ${step + 1}: loss ${(results.loss![0] as number).toFixed(5)}`);
  if (step === 499)
    console.log(
      `answers ${Array.from(results.answer as Float32Array, (value) => value.toFixed(2)).join(" ")}`,
    );
}
await session.release();
