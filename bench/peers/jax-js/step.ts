import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import type { BenchCase } from "../../cases.ts";
import { initialValue, labels, pictures, sizeOf } from "../../workload.ts";
import type { PreparedStep } from "../serve.ts";
import { type Form, libraryForm, tunedForm } from "./form.ts";
import type { Parameters } from "./layers.ts";
import { resNet18, resNet18Shapes } from "./resnet.ts";
import { vit, vitShapes } from "./vit.ts";

/**
 * The training step of a case. A jax-js function frees the arrays that it is given, so every use of an array
 * except the last takes `.ref`.
 */
export async function prepareStep(
  benchCase: BenchCase,
  threads: number,
  tuned: boolean,
): Promise<PreparedStep> {
  await init("wasm");
  defaultDevice("wasm");
  const { batch, imageSize, classes } = benchCase;
  const shapes = parameterShapes(benchCase);
  let parameters = arrays(shapes, initialValue);
  let velocity = arrays(shapes, (_: string, shape: number[]) => new Float32Array(sizeOf(shape)));
  const images = np.array(pictures(batch, imageSize)).reshape([batch, 3, imageSize, imageSize]);
  const targets = nn.oneHot(np.array(labels(batch, classes), { dtype: np.int32 }), classes);
  const update = jit(trainingStep(benchCase, tuned ? tunedForm : libraryForm));
  return {
    parameters: [...shapes.values()].reduce((sum, shape) => sum + sizeOf(shape), 0),
    threads,
    step: async () => {
      const [nextParameters, nextVelocity, loss] = update(parameters, velocity, images.ref, targets.ref);
      [parameters, velocity] = [nextParameters, nextVelocity];
      for (const array of Object.values(parameters)) await array.blockUntilReady();
      return (await loss.data())[0]!;
    },
    dispose: () => {
      tree.dispose([parameters, velocity, images, targets]);
      update.dispose();
    },
  };
}

type Step = (
  parameters: Parameters,
  velocity: Parameters,
  images: np.Array,
  targets: np.Array,
) => [Parameters, Parameters, np.Array];

function trainingStep(benchCase: BenchCase, form: Form): Step {
  const { network, learningRate, momentum } = benchCase;
  const lossOf = (parameters: Parameters, images: np.Array, targets: np.Array) => {
    const logits =
      network.kind === "vit" ? vit(parameters, network, images) : resNet18(parameters, form, images);
    return np.sum(nn.logSoftmax(logits, -1).mul(targets)).mul(-1 / benchCase.batch);
  };
  return (parameters, velocity, images, targets) => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(parameters), images, targets);
    const faster = tree.map(
      (v: np.Array, g: np.Array) => v.mul(momentum).add(g),
      velocity,
      gradients as Parameters,
    );
    const moved = tree.map(
      (p: np.Array, v: np.Array) => p.sub(v.mul(learningRate)),
      parameters,
      tree.ref(faster),
    );
    return [moved as Parameters, faster as Parameters, loss];
  };
}

function parameterShapes({ network, imageSize, classes }: BenchCase): Map<string, number[]> {
  return network.kind === "vit" ? vitShapes(network, imageSize, classes) : resNet18Shapes(classes);
}

function arrays(
  shapes: Map<string, number[]>,
  value: (name: string, shape: number[]) => Float32Array<ArrayBuffer>,
): Parameters {
  const entries = [...shapes].map(([name, shape]) => [name, np.array(value(name, shape)).reshape(shape)]);
  return Object.fromEntries(entries) as Parameters;
}
