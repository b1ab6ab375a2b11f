/**
 * TensorFlow.js as a peer, on its Wasm back end, which lacks the gradient of a convolution's filters
 * (tensorflow/tfjs #8474). Its kernel for three dimensions replaces it, and is a hundred times as fast as the
 * kernel of the CPU back end. With the argument `tuned` the gradients of convolutions and linear layers are
 * written here with its fast kernels, which is the best speed that it allows.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { BenchCase } from "../cases.ts";
import { labels, pictures } from "../workload.ts";
import { type PreparedStep, serve } from "./serve.ts";
import { libraryForm, tunedForm } from "./tensorflow-js/form.ts";
import { Parameters } from "./tensorflow-js/layers.ts";
import { resNet18 } from "./tensorflow-js/resnet.ts";
import { vit } from "./tensorflow-js/vit.ts";

const TUNED = process.argv[2] === "tuned";

async function load() {
  const require = createRequire(import.meta.url);
  setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  await tf.setBackend("wasm");
  return { engine: `TensorFlow.js ${tf.version.tfjs} Wasm${TUNED ? ", our gradients" : ""}`, prepare };
}

async function prepare(benchCase: BenchCase): Promise<PreparedStep> {
  const { batch, imageSize, classes, network } = benchCase;
  const parameters = new Parameters(TUNED ? tunedForm : libraryForm);
  const nchw = tf.tensor4d(pictures(batch, imageSize), [batch, 3, imageSize, imageSize]);
  const images = tf.keep(tf.transpose(nchw, [0, 2, 3, 1]));
  const targets = tf.oneHot(labels(batch, classes), classes);
  const logits = () =>
    network.kind === "vit"
      ? vit(parameters, network, classes, images)
      : resNet18(parameters, classes, images);
  const loss = () => tf.losses.softmaxCrossEntropy(targets, logits()).asScalar();
  tf.tidy(() => void loss()); // the first call makes the variables
  const optimizer = tf.train.momentum(benchCase.learningRate, benchCase.momentum);
  return {
    parameters: parameters.count,
    threads: 1,
    notes: ["its Wasm has no threads in Node"],
    step: () => tf.tidy(() => optimizer.minimize(loss, true, parameters.variables)!.dataSync()[0]!),
    dispose: () => {
      tf.dispose([nchw, images, targets]);
      optimizer.dispose();
      tf.disposeVariables();
    },
  };
}

await serve(load);
