/**
 * A step in parts whose losses are averaged, for losses whose value for a batch is the mean over its parts.
 * Gradients are added part by part. Every part starts from the state before the step, and the states that the
 * parts return are averaged; so batch norm sees one part at a time.
 */
import { Variables } from "../../nn/variables.ts";
import { compile, gradients, mul } from "../../tensor/index.ts";
import { embed, lossOf, type StepOptions, scalarInputs } from "../network.ts";
import { added, GradientSums, sumInputs, updateFromSums } from "./gradient-sums.ts";
import { loadAll, releaseAll, sparing } from "./load-programs.ts";
import { PartMean } from "./part-mean.ts";
import type { StepForm } from "./step-form.ts";
import { nextStates, report } from "./whole-step.ts";

export function summedStep(options: StepOptions): StepForm {
  const { graph, programs } = buildSummed(options);
  return {
    graph,
    held: Object.values(programs),
    async load({ light: _light, peers, ...session }) {
      const { gradient, update } = await loadAll(programs, sparing(session));
      return {
        async run({ batch, values, feedsOf, lossFeedsOf }) {
          const sums = new GradientSums(graph.variables);
          const mean = new PartMean();
          for await (const part of batch.parts()) {
            const feeds = { ...values, ...lossFeedsOf(part), ...feedsOf(part), ...sums.feeds };
            mean.add(sums.take(await gradient.run(feeds)), part.indices.length);
          }
          await sums.meet(peers);
          return { ...(await mean.over(peers)), ...(await update.run({ ...values, ...sums.feeds })) };
        },
        release: () => releaseAll({ gradient, update }),
      };
    },
  };
}

/** `gradient`: loss and gradient of a part, added to the sums; `update`: from the sums to next values. */
function buildSummed(options: StepOptions) {
  const { microBatch, batchSize, dialect } = options;
  const variables = new Variables();
  const stage = { variables, scalars: scalarInputs(options.scalarNames) };
  const embeddings = embed(options, microBatch, stage);
  const result = lossOf(options, embeddings, microBatch, stage);
  const sums = sumInputs(variables);
  const grads = gradients(
    mul(result.loss, microBatch / batchSize),
    variables.parameters.map(({ value }) => value),
  );
  const gradient = compile(
    { ...report(result), ...added(variables, sums, grads), ...nextStates(variables.all) },
    { name: "gradient", ...dialect },
  );
  const { graph, program } = updateFromSums(options, stage, sums);
  return { graph, programs: { gradient, update: program } };
}
