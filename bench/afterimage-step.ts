/** A case of the benchmark as this project trains it: the whole step as one graph on ONNX Runtime. */
import { type Backbone, resnet, vit } from "../src/backbones/index.ts";
import { softmaxCrossEntropy } from "../src/losses/index.ts";
import { linear, Scope, Variables } from "../src/nn/index.ts";
import { sgd } from "../src/optim/index.ts";
import { createSession, type Dialect, dialectOf } from "../src/runtime/index.ts";
import { compile, gradients, input, type Program, type Tensor } from "../src/tensor/index.ts";
import type { BenchCase } from "./cases.ts";
import type { PreparedStep } from "./peers/serve.ts";
import { initialValue, labels, pictures } from "./workload.ts";

function backboneOf({ network, imageSize }: BenchCase): { backbone: Backbone; head: string } {
  if (network.kind === "vit")
    return { backbone: vit("vit", { ...network, imageSize, dropPath: 0 }), head: "head" };
  return { backbone: resnet({ depth: 18, width: 64, stem: "cifar" }), head: "fc" };
}

/** The step as a program; its outputs beside the loss are next values, named `next:` and what they replace. */
function buildStep(
  benchCase: BenchCase,
  dialect: Dialect,
): { program: Program; variables: Variables; velocities: string[] } {
  const { batch, imageSize, classes, momentum } = benchCase;
  const { backbone, head } = backboneOf(benchCase);
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const { features } = backbone.build(scope, input("pictures", [batch, 3, imageSize, imageSize]));
  const loss = softmaxCrossEntropy(
    linear(scope.at(head), features, { out: classes }),
    input("labels", [batch], "int32"),
  );
  const parameters = variables.parameters;
  const grads = gradients(
    loss,
    parameters.map(({ value }) => value),
  );
  const rule = sgd({ momentum });
  const hyper = { learningRate: input("rate", []), weightDecay: input("decay", []), step: input("step", []) };
  const outputs: Record<string, Tensor> = { loss };
  for (const [i, { path, value, shape }] of parameters.entries()) {
    const slots = { momentum: input(`velocity:${path}`, shape) };
    const next = rule.update({ value, grad: grads[i]!, slots, decays: false }, hyper);
    outputs[`next:${path}`] = next.value;
    outputs[`next:velocity:${path}`] = next.slots.momentum!;
  }
  for (const { path, value, next, kind } of variables.all) {
    if (kind === "state" && next !== value) outputs[`next:${path}`] = next;
  }
  const velocities = parameters.map(({ path }) => `velocity:${path}`);
  return { program: compile(outputs, dialect), variables, velocities };
}

/** @param profile where the runtime's profile goes when the step is disposed of: a path that its name begins with. */
export async function prepareStep(
  benchCase: BenchCase,
  threads: number,
  profile?: string,
): Promise<PreparedStep & { dispose(): Promise<void> }> {
  const { program, variables } = buildStep(benchCase, await dialectOf());
  const session = await createSession(program, { threads, ...(profile === undefined ? {} : { profile }) });
  const values: Record<string, Float32Array> = {};
  for (const { path, shape, kind } of variables.all) {
    const zero = new Float32Array(shape.reduce((product, size) => product * size, 1));
    values[path] =
      kind === "parameter" ? initialValue(path, shape) : zero.fill(path.endsWith("running_var") ? 1 : 0);
    if (kind === "parameter") values[`velocity:${path}`] = zero.slice().fill(0);
  }
  const fixed = {
    pictures: pictures(benchCase.batch, benchCase.imageSize),
    labels: labels(benchCase.batch, benchCase.classes),
    rate: Float32Array.of(benchCase.learningRate),
    decay: Float32Array.of(0),
    step: Float32Array.of(1),
  };
  return {
    parameters: variables.parameters.reduce((sum, { value }) => sum + value.size, 0),
    threads,
    async step() {
      const { loss, ...next } = await session.run({ ...fixed, ...values });
      for (const [name, data] of Object.entries(next))
        values[name.slice("next:".length)] = data as Float32Array;
      return loss![0] as number;
    },
    dispose: () => session.release(),
  };
}
