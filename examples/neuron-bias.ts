/**
 * A neuron's bias as a learned threshold. `Σ w·x > T` is the same as `Σ w·x + b > 0` with b = -T, and b is
 * learned as the weights are. With it one neuron learns AND. Without it the line between yes and no goes
 * through the origin, and no such line has (1, 1) on one side and (0, 1) and (1, 0) on the other.
 *
 * npx tsx --conditions=source examples/neuron-bias.ts
 */
import { binaryCrossEntropy } from "afterimage/losses";
import { linear, Scope, Variables } from "afterimage/nn";
import { sgd } from "afterimage/optim";
import { input } from "afterimage/tensor";
import { Learner } from "afterimage/train";

const INPUTS = [0, 0, 0, 1, 1, 0, 1, 1];
const WANTED = [0, 0, 0, 1];

/** Trains one neuron, and returns its weights, its bias and how many of the four answers are right. */
async function train(bias: boolean) {
  const variables = new Variables();
  const neuron = new Scope(variables, "neuron", { training: true, trainable: true });
  const logits = linear(neuron, input("x", [4, 2]), { out: 1, bias }); // [4, 1]
  const loss = binaryCrossEntropy(logits, input("wanted", [4, 1]));
  const optimizer = sgd({ momentum: 0.9 });
  const learner = await Learner.create({
    variables,
    loss,
    outputs: { logits },
    optimizer,
    learningRate: 0.5,
  });
  const data = { x: Float32Array.from(INPUTS), wanted: Float32Array.from(WANTED) };
  for (let step = 0; step < 500; step++) await learner.step(data);
  const weights = learner.values.get("neuron.weight")!;
  const b = learner.values.get("neuron.bias")?.[0] ?? 0;
  await learner.release();
  const answer = (x: number, y: number) => weights[0]! * x + weights[1]! * y + b > 0;
  const right = WANTED.filter((wanted, i) => answer(INPUTS[2 * i]!, INPUTS[2 * i + 1]!) === (wanted === 1));
  return { answer, b, right: right.length, weights };
}

/** The plane from -0.5 to 1.5: # where the neuron says yes, and the four inputs with what is wanted. */
function draw(answer: (x: number, y: number) => boolean): string {
  const rows = Array.from({ length: 13 }, (_, row) => 1.5 - row / 6);
  const columns = Array.from({ length: 25 }, (_, column) => -0.5 + column / 12);
  const cell = (x: number, y: number) => {
    const at = WANTED.findIndex((_, i) => Math.hypot(INPUTS[2 * i]! - x, INPUTS[2 * i + 1]! - y) < 1e-6);
    return at >= 0 ? `${WANTED[at]}` : answer(x, y) ? "#" : ".";
  };
  return rows.map((y) => columns.map((x) => cell(x, y)).join("")).join("\n");
}

for (const bias of [true, false]) {
  const { answer, b, right, weights } = await train(bias);
  const rule = `${weights[0]!.toFixed(2)}·x + ${weights[1]!.toFixed(2)}·y > ${(-b).toFixed(2)}`;
  console.log(`${bias ? "with" : "without"} bias: ${right} of 4 right, yes where ${rule}`);
  console.log(draw(answer));
}
