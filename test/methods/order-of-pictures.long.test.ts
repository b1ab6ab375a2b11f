/**
 * The effects that the order of the pictures in a batch may have, and must not have, on the step of every
 * method.
 */
import { describe, expect, it } from "vitest";
import { createSession, type Session } from "../../src/runtime/session.ts";
import { compile, gradients, type Tensor, type TensorData } from "../../src/tensor/index.ts";
import { initialValues, type Values } from "../../src/train/values.ts";
import { deterministicWeight } from "../support/deterministic.ts";
import { METHOD_CASES } from "../support/method-cases.ts";
import { inputsOf, type MethodGraph, methodGraph } from "../support/method-graph.ts";
import { feedsInOrder, partsOf } from "../support/moved-pictures.ts";
import { relativeError } from "../support/probe.ts";
import { rowsOf } from "../support/rows.ts";

const PLAIN = [0, 1, 2, 3];
/** Moves every picture. Neither reversed rows, nor rows shifted by one, nor exchanged halves undo it. */
const MOVED = [2, 3, 1, 0];

/** Draws without a row for each picture: samples of Deep InfoMax's prior. */
const OF_NO_PICTURE = ["draw:prior"];

/**
 * Cases that see each picture once, without anything else of its own: they have no pairs that could be wrong.
 */
const WITHOUT_PAIRS = ["rotnet", "cmc, in the batch", "dim, of one view", "dim, of one view by InfoNCE"];

const CASES = METHOD_CASES.map(([name, choices]) => {
  const graph = methodGraph({ ...choices, batchSize: PLAIN.length });
  return { name, graph, pairing: pairingParts(graph) };
});

describe.each(CASES)("$name", ({ graph, pairing }) => {
  const { loss, writes = {}, variables } = graph;

  it("has the same loss, gradients and states for pictures in another order, and writes rows in that order", async () => {
    const kept = { loss, ...statesOf(graph) };
    const grads = gradientsOf(graph);
    const run = await opened(graph, { ...kept, ...grads, ...prefixed("write:", writes) });
    const [plain, moved] = [await run(() => PLAIN), await run(() => MOVED)];
    await run.release();
    // Gradients that should be 0, such as that of a bias in front of a batch norm, are pure rounding: 5e-4 of
    // the floor.
    const floor = 1e-2 * largest(Object.keys(grads).flatMap((name) => [...plain[name]!]));
    for (const name of Object.keys(grads))
      expect(difference(moved, plain, name, floor), name).toBeLessThan(3e-3);
    for (const name of Object.keys(kept))
      expect(difference(moved, plain, name, 1e-3), name).toBeLessThan(1e-4);
    for (const [name, { shape }] of Object.entries(writes)) {
      const [before, after] = [plain, moved].map((results) => rowsOf(results[`write:${name}`]!, shape[1]!));
      const expected = MOVED.map((picture) => before![picture]!);
      expect(relativeError(after!.flat(), expected.flat()), name).toBeLessThan(1e-3);
    }
    expect(Object.keys(grads)).toHaveLength(variables.parameters.length);
  });

  it.runIf(pairing.length > 0)("has another loss if a picture gets another one's part", async () => {
    const run = await opened(graph, { loss });
    const { loss: right } = await run(() => PLAIN);
    for (const part of pairing) {
      const { loss: wrong } = await run((name) => (name === part ? MOVED : PLAIN));
      expect(relativeError(wrong!, right!), part).toBeGreaterThan(2e-4); // a new order: below 1e-4
    }
    await run.release();
  });
});

it("looks for pairs in all cases except those without", () => {
  expect(CASES.filter(({ pairing }) => pairing.length === 0).map(({ name }) => name)).toEqual(WITHOUT_PAIRS);
});

/** Parts that the loss compares picture by picture; none if there is only one. */
function pairingParts(graph: MethodGraph): string[] {
  const names = new Set(inputsOf([graph.loss]));
  const seen = (part: string) => names.has(part) || names.has(part.replace(/\.\d+$/, ""));
  const parts = partsOf(graph).filter((part) => seen(part) && !OF_NO_PICTURE.includes(part));
  return parts.length > 1 ? parts : [];
}

/** State that outlives the step: running statistics, centres, the constant of NCE. */
function statesOf({ variables }: MethodGraph): Record<string, Tensor> {
  const replaced = variables.all.filter(({ kind, value, next }) => kind === "state" && next !== value);
  return prefixed("next:", Object.fromEntries(replaced.map(({ path, next }) => [path, next])));
}

function gradientsOf({ loss, variables: { parameters } }: MethodGraph): Record<string, Tensor> {
  const grads = gradients(
    loss,
    parameters.map(({ value }) => value),
  );
  return Object.fromEntries(parameters.map(({ path }, i) => [`gradient:${path}`, grads[i]!]));
}

function prefixed(prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}${name}`, tensor]));
}

type Results = Record<string, Float32Array>;

/** Runs with pictures in the given order for each part. */
async function opened(graph: MethodGraph, outputs: Readonly<Record<string, Tensor>>) {
  const session = await createSession(compile(outputs));
  const values = Object.fromEntries(firstValues(graph));
  const run = async (orderOf: Parameters<typeof feedsInOrder>[1]) =>
    (await session.run(needed(session, { ...values, ...feedsInOrder(graph, orderOf) }))) as Results;
  return Object.assign(run, { release: () => session.release() });
}

function needed({ program }: Session, feeds: Readonly<Record<string, TensorData>>) {
  return Object.fromEntries(program.inputs.map(({ name }) => [name, feeds[name]!]));
}

/**
 * Moves all parameters away from their initial values, because there is no gradient behind a norm with a
 * scale of 0.
 */
function firstValues({ variables }: MethodGraph): Values {
  const values = initialValues(variables.all, new Map(), 5);
  for (const { path, shape } of variables.parameters)
    for (const place of [path, `teacher.${path}`])
      if (values.has(place)) values.set(place, deterministicWeight(path, shape));
  return values;
}

/** The largest difference, as a share of the largest magnitude, or of `floor` if that is larger. */
function difference(results: Results, reference: Results, name: string, floor: number): number {
  const [values, expected] = [results[name]!, reference[name]!];
  return (relativeError(values, expected) * (largest(expected) || 1)) / Math.max(largest(expected), floor);
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
