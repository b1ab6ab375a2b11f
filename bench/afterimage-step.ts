/** The training step of a benchmark's case by this project: the whole step as one graph on ONNX Runtime. */
import { type Backbone, resnet, vit } from "afterimage/backbones";
import { softmaxCrossEntropy } from "afterimage/losses";
import { linear, Scope, Variables } from "afterimage/nn";
import { descend, sgd, slotPath } from "afterimage/optim";
import { createSession, type Dialect, dialectOf } from "afterimage/runtime";
import { compile, gradients, input, type Program, type Tensor } from "afterimage/tensor";
import type { BenchCase } from "./cases.ts";
import type { PreparedStep } from "./peers/serve.ts";
import { initialValue, labels, pictures } from "./workload.ts";

function backboneOf({ network, imageSize }: BenchCase): { backbone: Backbone; head: string } {
  if (network.kind === "vit")
    return { backbone: vit("vit", { ...network, imageSize, dropPath: 0 }), head: "head" };
  return { backbone: resnet({ depth: 18, width: 64, stem: "cifar" }), head: "fc" };
}

/**
 * The step as a program. Its outputs, besides the loss, are next values, named `next:` and the value's path.
 */
function buildStep(benchCase: BenchCase, dialect: Dialect): { program: Program; variables: Variables } {
  const { batch, imageSize, classes, momentum } = benchCase;
  const { backbone, head } = backboneOf(benchCase);
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const { features } = backbone.build(scope, input("pictures", [batch, 3, imageSize, imageSize]));
  const loss = softmaxCrossEntropy(
    linear(scope.at(head), features, { out: classes }),
    input("labels", [batch], "int32"),
  );
  const { parameters } = variables;
  const grads = gradients(
    loss,
    parameters.map(({ value }) => value),
  );
  const hyper = { learningRate: input("rate", []), weightDecay: input("decay", []), step: input("step", []) };
  const undecayed = parameters.map((parameter) => ({ ...parameter, decays: false }));
  const { values, slots } = descend(undecayed, grads, { optimizer: sgd({ momentum }), hyper });
  const outputs: Record<string, Tensor> = { loss };
  for (const [path, next] of Object.entries({ ...values, ...slots })) outputs[`next:${path}`] = next;
  for (const { path, value, next, kind } of variables.all) {
    if (kind === "state" && next !== value) outputs[`next:${path}`] = next;
  }
  return { program: compile(outputs, dialect), variables };
}

/**
 * @param profile where the runtime writes its profile when the step is disposed of: the beginning of a path.
 */
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
    if (kind === "parameter") values[slotPath("momentum", path)] = zero.slice().fill(0);
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
