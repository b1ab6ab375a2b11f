/**
 * A training step in parts, for batches larger than memory. Each part is a micro-batch; the gradient is that of the
 * whole batch.
 *
 * Where the loss of a batch is the mean of the losses of its parts, gradients are added part by part. Where it couples
 * the pictures of a batch (every picture is another's negative), the parts are embedded first, then come the loss of
 * all embeddings and its gradient by each, and then every part is embedded once more and gives back its share (Gao et
 * al. 2021, arXiv 2101.06983). Batch norm sees one part at a time in either case.
 */
import type { Embeddings } from "../methods/method.ts";
import { type Variable, Variables } from "../nn/variables.ts";
import {
  add,
  compile,
  full,
  gradients,
  input,
  mul,
  type Program,
  pullBack,
  type Tensor,
} from "../tensor/index.ts";
import { embed, lossContext, type Scalars, type StepOptions, scalarInputs } from "./network.ts";
import { nextStates, report, type StepGraph } from "./step-graph.ts";
import { NEXT, update } from "./update.ts";

/** Prefix of the sums that gradients are added to, by the parameter's path. */
export const GRADIENT = "gradient:";
/** Prefix of what was embedded, as an input of the loss; and of the loss's gradient by it. */
export const EMBEDDING = "embedding:";
export const SEED = "seed:";

/** State that a part replaces is averaged over the parts, each of which starts from the state before the step. */
export interface SummedPrograms {
  /** Loss and gradient of a part, added to the sums. */
  gradient: Program;
  update: Program;
}

export interface CoupledPrograms {
  /** From the pictures of a part to its embeddings. */
  embed: Program;
  /** From all embeddings to the loss and its gradient by those that parameters had a part in. */
  loss: Program;
  /** From the pictures of a part and the gradient by its embeddings to the parameters' gradients, added to the sums. */
  gradient: Program;
  update: Program;
}

export function buildSummedParts(options: StepOptions): StepGraph<SummedPrograms> {
  const { method, microBatch, batchSize, dialect } = options;
  const variables = new Variables();
  const scalars = scalarInputs(options.scalarNames);
  const embeddings = embed(options, microBatch, variables, scalars);
  const result = method.loss(embeddings, lossContext(options, microBatch, variables, scalars));
  const sums = sumInputs(variables);
  const grads = gradients(
    mul(result.loss, microBatch / batchSize),
    variables.parameters.map(({ value }) => value),
  );
  const gradient = compile(
    { ...report(result), ...added(variables, sums, grads), ...nextStates(variables.all) },
    { name: "gradient", ...dialect },
  );
  return withUpdate(options, variables, sums, scalars, { gradient });
}

export function buildCoupledParts(options: StepOptions): StepGraph<CoupledPrograms> {
  const { microBatch, dialect } = options;
  const variables = new Variables();
  const scalars = scalarInputs(options.scalarNames);
  const embeddings = embed(options, microBatch, variables, scalars);
  const embedded = [...variables.all];
  const learned = learnedOnly(embeddings, variables);
  const loss = lossOfAll(options, embeddings, learned, variables, scalars);
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
  const named = Object.entries(embeddings).map(([name, tensor]) => [`${EMBEDDING}${name}`, tensor]);
  const first = compile(Object.fromEntries(named), { name: "embed", ...dialect });
  return withUpdate(options, variables, sums, scalars, { embed: first, loss, gradient });
}

/** Names of the embeddings through which gradients pass to parameters: not those of a teacher. */
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
  variables: Variables,
  scalars: Scalars,
): Program {
  const { method, batchSize, microBatch, dialect } = options;
  const all = Object.fromEntries(
    Object.entries(embeddings).map(([name, { shape, dtype }]) => {
      const rows = (shape[0]! / microBatch) * batchSize;
      return [name, input(`${EMBEDDING}${name}`, [rows, ...shape.slice(1)], dtype)];
    }),
  );
  const before = new Map(variables.all.map((variable) => [variable, variable.next]));
  const result = method.loss(all, lossContext(options, batchSize, variables, scalars));
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

function sumInputs(variables: Variables): Tensor[] {
  return variables.parameters.map(({ path, shape }) => input(`${GRADIENT}${path}`, shape));
}

/** The sums with the gradients of a part; those that get none are as they were. */
function added(
  { parameters }: Variables,
  sums: readonly Tensor[],
  grads: readonly (Tensor | null)[],
): Record<string, Tensor> {
  const entries = parameters.flatMap(({ path }, i) =>
    grads[i] === null ? [] : [[`${NEXT}${GRADIENT}${path}`, add(sums[i]!, grads[i]!)]],
  );
  return Object.fromEntries(entries);
}

function withUpdate<P extends object>(
  options: StepOptions,
  variables: Variables,
  sums: readonly Tensor[],
  scalars: Scalars,
  programs: P,
): StepGraph<P & { update: Program }> {
  const { outputs, slots } = update(options, variables, sums, scalars);
  const compiled = compile(outputs, { name: "update", ...options.dialect });
  const all: readonly Variable[] = variables.all;
  return { variables: all, slots, masks: variables.masks, programs: { ...programs, update: compiled } };
}
