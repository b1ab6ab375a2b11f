/**
 * One half of a comparison, in a separate process: a method's whole step, or the plain pass of its views.
 * `method-work.ts <method> step|plain <threads>` takes steps on request, by the protocol in `../protocol.ts`.
 */
import { createInterface } from "node:readline";
import { configure } from "afterimage";
import { type Batch, batches, memoryDataset } from "afterimage/data";
import { Scope, Variables } from "afterimage/nn";
import { globalNorm } from "afterimage/optim";
import { createSession, dialectOf } from "afterimage/runtime";
import { add, compile, gradients, mean, square, type Tensor } from "afterimage/tensor";
import {
  augmentedViews,
  describeRun,
  initialValues,
  StepFeeds,
  type StepOptions,
  stepTensors,
  Trainer,
  viewParameters,
} from "afterimage/train";
import { peakBytes } from "../peak-bytes.ts";
import type { PeerRequest } from "../protocol.ts";
import { countFlops } from "./count-flops.ts";
import { METHOD_CASE, type MethodDescription, methodChoices } from "./method-case.ts";

const [method, kind, threads] = process.argv.slice(2) as [string, "step" | "plain", string];

const { pictures, canvas, batchSize } = METHOD_CASE;
const dataset = memoryDataset({
  canvas,
  pictures: new Uint8Array(pictures * 3 * canvas ** 2).map((_, i) => (i * 2654435761) >>> 24),
});
const config = configure(methodChoices(method), { path: "noise", fingerprint: "noise", pictures });
const described = describeRun(config);
const dialect = await dialectOf();
const options: StepOptions = { ...described.options, dialect };

/**
 * The mean square of every view's features, and the norm of its gradient with respect to the backbone's
 * weights. Only these two numbers leave the graph.
 */
function plainTensors(): { outputs: Record<string, Tensor>; variables: Variables } {
  const variables = new Variables();
  const scope = new Scope(variables, "backbone", { training: true, trainable: true });
  const features = Object.values(augmentedViews(options, batchSize, viewParameters(options, batchSize))).map(
    (views) => options.backbone.build(scope, views).features,
  );
  const loss = features.map((rows) => mean(square(rows))).reduce(add);
  const grads = gradients(
    loss,
    variables.parameters.map(({ value }) => value),
  );
  return { outputs: { loss, norm: globalNorm(grads) }, variables };
}

type TakeStep = (batch: Batch, step: number) => Promise<unknown>;

async function wholeStep(): Promise<TakeStep> {
  const trainer = await Trainer.create(config, { threads: Number(threads) });
  return (batch, step) => trainer.step(batch, step);
}

async function plainStep(): Promise<TakeStep> {
  const { outputs, variables } = plainTensors();
  const session = await createSession(compile(outputs, { name: "plain", ...dialect }), {
    threads: Number(threads),
  });
  const values = Object.fromEntries(initialValues(variables.all, new Map(), 0));
  const { masks } = variables;
  const feeds = new StepFeeds(0, described.plan, {
    views: options.objective.views,
    masks,
    draws: [],
    targets: [],
  });
  return async (batch, step) => {
    for await (const part of batch.parts()) await session.run({ ...values, ...feeds.of(part, step) });
  };
}

/** Milliseconds of the next step, on a batch of its own. */
async function timed(take: TakeStep, step: number): Promise<number> {
  for await (const batch of batches(dataset, { batchSize, seed: 0, epoch: step })) {
    const start = performance.now();
    await take(batch, step);
    return performance.now() - start;
  }
  throw new Error("there is no batch");
}

function send(reply: object): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

const { outputs } = kind === "step" ? stepTensors(options) : plainTensors();
const flops = countFlops(Object.values(outputs));
const take = await (kind === "step" ? wholeStep() : plainStep());
send({ ready: true, engine: `${method} (${kind})`, flops } satisfies MethodDescription);
let taken = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as PeerRequest;
  if (request.cmd === "quit") break;
  if (request.cmd === "step") {
    const ms: number[] = [];
    while (ms.length < request.count) ms.push(await timed(take, taken++));
    send({ ms, loss: [] });
  } else send({ peakBytes: peakBytes() });
}
process.exit(0);
