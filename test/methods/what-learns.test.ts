/**
 * The parameters that learn in every method, and those that do not: teachers, statistics, centres, queues,
 * banks.
 */
import { describe, expect, it } from "vitest";
import { full, pullBack, type Tensor } from "../../src/tensor/index.ts";
import { METHOD_CASES } from "../support/method-cases.ts";
import { inputsOf, type MethodGraph, methodGraph } from "../support/method-graph.ts";

/** Parameters that only the student has, and no teacher averages, by the beginning of their paths. */
const STUDENT_ALONE: Readonly<Record<string, string>> = {
  byol: "predictor.",
  "moco-v3": "predictor.",
  ibot: "mask_token",
  dinov2: "mask_token",
  "i-jepa": "predictor.",
};

const CASES = METHOD_CASES.map(([name, choices]) => ({
  name,
  graph: methodGraph({ ...choices, batchSize: 4 }),
}));

describe.each(CASES)("$name", ({ graph }) => {
  const { loss, variables, objective } = graph;

  it("trains all its parameters", () => {
    expect(variables.parameters.length).toBeGreaterThan(20);
    expect(reached(loss, valuesOf(variables.parameters))).toEqual(
      variables.parameters.map(({ path }) => path),
    );
  });

  it("passes no gradient to its teacher, its statistics and its centres", () => {
    const teacher = variables.all.filter(({ path }) => isTeacher(path));
    const replaced = variables.all.filter(({ kind, value, next }) => kind === "state" && next !== value);
    expect(reached(loss, valuesOf([...teacher, ...replaced]))).toEqual([]);
    expect(teacher.length > 20).toBe(objective.teacher !== undefined);
  });

  it("declares gates, rates and constraints only for its parameters", () => {
    const paths = variables.parameters.map(({ path }) => path);
    for (const { prefix } of [...objective.gates, ...objective.constraints])
      expect(paths).toContainEqual(expect.stringMatching(`^${prefix}`));
    for (const rate of objective.rates)
      expect(variables.parameters.some((parameter) => rate.applies(parameter))).toBe(true);
  });

  it("passes no gradient to its memories, if it has some", () => {
    const memories = new Map([...graph.inputs].filter(([name]) => /^(memory\.|own:|pool:)/.test(name)));
    expect(memories.size > 0).toBe(objective.memories.length > 0);
    expect(reached(loss, memories)).toEqual([]);
  });
});

const TAUGHT = CASES.filter(({ graph }) => graph.objective.teacher !== undefined);

describe.each(TAUGHT)("the teacher of $name", ({ graph }) => {
  const { variables, embeddings, method, objective } = graph;

  it("has a twin for every parameter, except for those of the student only", () => {
    const alone = STUDENT_ALONE[method.name];
    for (const { path, shape } of variables.parameters) {
      const twin = variables.get(`teacher.${path}`);
      if (alone !== undefined && path.startsWith(alone)) expect(twin, path).toBeUndefined();
      else expect(twin, path).toMatchObject({ kind: "state", shape });
    }
  });

  it("computes its embeddings with all its own weights, and no others", () => {
    const weights = Object.values(embeddings).map((embedding) => weightsOf([embedding], graph));
    const ofTeacher = weights.filter((paths) => paths.some(isTeacher));
    expect(ofTeacher.flat().filter((path) => !isTeacher(path))).toEqual([]);
    expect(weights.some((paths) => paths.length > 0 && !paths.some(isTeacher))).toBe(true);
    const all = variables.all.filter(({ path }) => isTeacher(path) && !/\.running_(mean|var)$/.test(path));
    expect([...new Set(ofTeacher.flat())].sort()).toEqual(all.map(({ path }) => path).sort());
  });

  it("computes the rows of its queue, if it has one", () => {
    const { writes = {} } = graph;
    expect(Object.keys(writes)).toEqual(objective.memories.map(({ name }) => name));
    expect(weightsOf(Object.values(writes), graph).filter((path) => !isTeacher(path))).toEqual([]);
  });
});

const isTeacher = (path: string) => path.startsWith("teacher.");

function valuesOf(variables: MethodGraph["variables"]["all"]): ReadonlyMap<string, Tensor> {
  return new Map(variables.map(({ path, value }) => [path, value]));
}

/** Names of the tensors that get a gradient from the loss. */
function reached(loss: Tensor, tensors: ReadonlyMap<string, Tensor>): string[] {
  const passed = pullBack([loss], [full([], 1)], [...tensors.values()]);
  return [...tensors.keys()].filter((_, i) => passed[i] !== null);
}

/** Paths of the variables from which tensors are computed. */
function weightsOf(tensors: readonly Tensor[], { variables }: MethodGraph): string[] {
  return inputsOf(tensors).filter((name) => variables.get(name) !== undefined);
}
