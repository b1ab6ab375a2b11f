/**
 * One half of a comparison, in a process of its own: a method's whole step, or the plain pass of its views.
 * `method-work.ts <method> step|plain <threads> <runs>` prints one JSON line.
 */
import { readFileSync } from "node:fs";
import { batches, memoryDataset } from "../../src/data/index.ts";
import { configure } from "../../src/jobs/configure.ts";
import { Scope, Variables } from "../../src/nn/index.ts";
import { globalNorm } from "../../src/optim/norm.ts";
import { createSession, dialectOf } from "../../src/runtime/index.ts";
import { add, compile, gradients, mean, square, type Tensor } from "../../src/tensor/index.ts";
import { describeRun } from "../../src/train/describe-run.ts";
import { augmentedViews, type StepOptions } from "../../src/train/network.ts";
import { StepFeeds } from "../../src/train/step-feeds.ts";
import { stepTensors } from "../../src/train/step-graph.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { initialValues } from "../../src/train/values.ts";
import { countFlops } from "./count-flops.ts";
import { METHOD_CASE, type MethodWork, methodChoices } from "./method-case.ts";

const [method, kind, threads, runs] = process.argv.slice(2) as [string, "step" | "plain", string, string];
const WARM_UP = 2;

const { pictures, canvas, batchSize } = METHOD_CASE;
const dataset = memoryDataset({
  canvas,
  pictures: new Uint8Array(pictures * 3 * canvas ** 2).map((_, i) => (i * 2654435761) >>> 24),
});
const config = configure(methodChoices(method), { path: "noise", fingerprint: "noise", pictures });
const described = describeRun(config);
const dialect = await dialectOf();
const options: StepOptions = { ...described.options, dialect };

/** The mean square of every view's features and its gradient by the backbone's weights, of which one number leaves the graph. */
function plainTensors(): { outputs: Record<string, Tensor>; variables: Variables } {
  const variables = new Variables();
  const scope = new Scope(variables, "backbone", { training: true, trainable: true });
  const features = Object.values(augmentedViews(options, batchSize)).map(
    (views) => options.backbone.build(scope, views).features,
  );
  const loss = features.map((rows) => mean(square(rows))).reduce(add);
  const grads = gradients(
    loss,
    variables.parameters.map(({ value }) => value),
  );
  return { outputs: { loss, norm: globalNorm(grads) }, variables };
}

async function timed(take: () => Promise<unknown>, ms: number[]): Promise<void> {
  const start = performance.now();
  await take();
  ms.push(performance.now() - start);
}

async function timeSteps(ms: number[]): Promise<void> {
  const trainer = await Trainer.create(config, { threads: Number(threads) });
  for (let step = 0; step < WARM_UP + Number(runs); step++)
    for await (const batch of batches(dataset, { batchSize, seed: 0, epoch: step })) {
      await timed(() => trainer.step(batch, step), ms);
      break;
    }
  await trainer.release();
}

async function timePlain(ms: number[]): Promise<void> {
  const { outputs, variables } = plainTensors();
  const session = await createSession(compile(outputs, { name: "plain", ...dialect }), {
    threads: Number(threads),
  });
  const values = Object.fromEntries(initialValues(variables.all, new Map(), 0));
  const { masks } = variables;
  const feeds = new StepFeeds(0, described.plan, { groups: options.groups, masks, draws: [] });
  for (let step = 0; step < WARM_UP + Number(runs); step++)
    for await (const batch of batches(dataset, { batchSize, seed: 0, epoch: step })) {
      for await (const part of batch.parts())
        await timed(() => session.run({ ...values, ...feeds.of(part, step) }), ms);
      break;
    }
  await session.release();
}

const ms: number[] = [];
const { outputs } = kind === "step" ? stepTensors(options) : plainTensors();
const flops = countFlops(Object.values(outputs));
await (kind === "step" ? timeSteps : timePlain)(ms);
const peak = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
const work: MethodWork = { ms: ms.slice(WARM_UP), flops, peakMb: Number(peak) / 1000 };
console.log(JSON.stringify(work));
