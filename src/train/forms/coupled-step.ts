/**
 * A step in parts whose loss couples the pictures of a batch (every picture is another's negative). First the
 * parts are embedded. Then the loss of all embeddings is computed, with its gradient with respect to each.
 * Finally every part is embedded again and back-propagates its share (Gao et al. 2021, arXiv 2101.06983).
 * Batch norm sees one part at a time.
 */
import { Variables } from "../../nn/variables.ts";
import type { Embeddings } from "../../objectives/objective.ts";
import type { Results, Session } from "../../runtime/session.ts";
import { compile, full, input, type Program, pullBack, type Tensor } from "../../tensor/index.ts";
import { EMBEDDING, GRADIENT, prefixed, SEED, without } from "../graph-names.ts";
import { embed, lossOf, type Stage, type StepOptions, scalarInputs } from "../network.ts";
import type { Peers } from "../peers.ts";
import { added, GradientSums, sumInputs, updateFromSums } from "./gradient-sums.ts";
import { LentPrograms, loadAll, releaseAll, sparing } from "./load-programs.ts";
import { PartMean } from "./part-mean.ts";
import { RowsByView } from "./rows-by-view.ts";
import { allOf, type StepForm, type StepInput, type StepVariables } from "./step-form.ts";
import { nextStates, report } from "./whole-step.ts";

export function coupledStep(options: StepOptions): StepForm {
  const { graph, programs } = buildCoupled(options);
  const { embed: embedding, loss, gradient, update } = programs;
  return {
    graph,
    held: [gradient, update],
    async load({ light, peers, ...session }) {
      const lent = await LentPrograms.of({ embed: embedding, loss }, sparing(session), light);
      const kept = await loadAll({ gradient, update }, sparing(session));
      const step = { ...options, graph, lent, peers, ...kept };
      return {
        run: (stepInput) => runCoupled(step, stepInput),
        async release() {
          await lent.release();
          await releaseAll(kept);
        },
      };
    },
  };
}

interface Loaded extends Pick<StepOptions, "batchSize" | "microBatch"> {
  graph: StepVariables;
  lent: LentPrograms<"embed" | "loss">;
  gradient: Session;
  update: Session;
  peers: Peers;
}

async function runCoupled(step: Loaded, stepInput: StepInput): Promise<Results> {
  const { batch, values, feedsOf, lossFeedsOf } = stepInput;
  const { peers, gradient, update } = step;
  const sizes = { partSize: step.microBatch, batchSize: step.batchSize };
  const embeddings = await embedAll(step, stepInput);
  const judged = await step.lent.lend("loss", (loss) =>
    loss.run({ ...values, ...lossFeedsOf(allOf(batch)), ...embeddings }),
  );
  const sums = new GradientSums(step.graph.variables);
  // Every peer computes the loss of the whole batch, so its gradients with respect to parameters count once.
  const rest = peers.rank === 0 ? sums.take(judged) : without(judged, GRADIENT);
  const seeds = new RowsByView(gradient.program.inputs.filter(isSeed), sizes, rest);
  const mean = new PartMean();
  for await (const part of batch.parts()) {
    const own = { ...seeds.partOf(part.start, part.indices.length), ...sums.feeds };
    const results = await gradient.run({ ...values, ...feedsOf(part), ...own });
    mean.add(sums.take(results), part.indices.length);
  }
  await sums.meet(peers);
  const updated = await update.run({ ...values, ...sums.feeds });
  return { ...(await mean.over(peers)), ...without(rest, SEED), ...updated };
}

/** The embeddings of the whole batch from all peers, named as inputs of the loss. */
async function embedAll({ lent, peers, ...step }: Loaded, { batch, values, feedsOf }: StepInput) {
  const sizes = { partSize: step.microBatch, batchSize: step.batchSize };
  const rows = await lent.lend("embed", async (session) => {
    const embedded = new RowsByView(session.program.outputs, sizes);
    for await (const part of batch.parts({ again: true }))
      embedded.put(await session.run({ ...values, ...feedsOf(part) }), part.start, part.indices.length);
    return embedded;
  });
  if (peers.size > 1) {
    const share = step.batchSize / peers.size;
    const all = await peers.gather(rows.partOf(peers.rank * share, share));
    for (const [rank, own] of all.entries()) rows.put(own, rank * share, share);
  }
  return rows.whole;
}

const isSeed = ({ name }: { name: string }) => name.startsWith(SEED);

/**
 * Four programs:
 * - `embed`: from the pictures of a part to its embeddings.
 * - `loss`: from all embeddings to the loss and its gradient with respect to those that depend on parameters.
 * - `gradient`: from the pictures of a part and the gradient with respect to its embeddings to the
 *   parameters' gradients, added to the sums.
 * - `update`: from the sums to next values.
 */
function buildCoupled(options: StepOptions) {
  const { microBatch, dialect } = options;
  const variables = new Variables();
  const stage = { variables, scalars: scalarInputs(options.scalarNames) };
  const embeddings = embed(options, microBatch, stage);
  const embedded = [...variables.all];
  const learned = learnedOnly(embeddings, variables);
  const loss = lossOfAll(options, embeddings, learned, stage);
  const sums = sumInputs(variables);
  const grads = pullBack(
    learned.map((name) => embeddings[name]!),
    learned.map((name) => input(`${SEED}${name}`, embeddings[name]!.shape)),
    variables.parameters.map(({ value }) => value),
  );
  const gradient = compile(
    { ...added(variables, sums, grads), ...nextStates(embedded) },
    { name: "gradient", ...dialect },
  );
  const first = compile(prefixed(EMBEDDING, embeddings), { name: "embed", ...dialect });
  const { graph, program: update } = updateFromSums(options, stage, sums);
  return { graph, programs: { embed: first, loss, gradient, update } };
}

/** Names of the embeddings through which gradients pass to parameters; a teacher's are not among them. */
function learnedOnly(embeddings: Embeddings, variables: Variables): string[] {
  const values = variables.parameters.map(({ value }) => value);
  const passes = (tensor: Tensor) =>
    tensor.dtype === "float32" &&
    pullBack([tensor], [full(tensor.shape, 1)], values).some((grad) => grad !== null);
  return Object.entries(embeddings).flatMap(([name, tensor]) => (passes(tensor) ? [name] : []));
}

function lossOfAll(
  options: StepOptions,
  embeddings: Embeddings,
  learned: readonly string[],
  stage: Stage,
): Program {
  const { batchSize, microBatch, dialect } = options;
  const { variables } = stage;
  const all = Object.fromEntries(
    Object.entries(embeddings).map(([name, { shape, dtype }]) => {
      const rows = (shape[0]! / microBatch) * batchSize;
      return [name, input(`${EMBEDDING}${name}`, [rows, ...shape.slice(1)], dtype)];
    }),
  );
  const before = new Map(variables.all.map((variable) => [variable, variable.next]));
  const result = lossOf(options, all, batchSize, stage);
  const own = variables.parameters;
  const grads = pullBack(
    [result.loss],
    [full(result.loss.shape, 1)],
    [...learned.map((name) => all[name]!), ...own.map(({ value }) => value)],
  );
  const names = [...learned.map((name) => `${SEED}${name}`), ...own.map(({ path }) => `${GRADIENT}${path}`)];
  const passed = names.flatMap((name, i) => (grads[i] === null ? [] : [[name, grads[i]!]]));
  const replaced = variables.all.filter((variable) => before.get(variable) !== variable.next);
  return compile(
    { ...report(result), ...Object.fromEntries(passed), ...nextStates(replaced) },
    { name: "loss", ...dialect },
  );
}
