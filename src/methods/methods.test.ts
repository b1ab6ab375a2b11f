import { describe, expect, it } from "vitest";
import { deterministic } from "../../test/support/deterministic.ts";
import {
  TINY_DINO,
  TINY_DINO_RESNET,
  TINY_METHODS,
  TINY_SIMCLR,
  tinyConfig,
} from "../../test/support/tiny-run.ts";
import { restoreBackbone } from "../backbones/index.ts";
import type { Choices } from "../jobs/configure.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { runOnce } from "../runtime/session.ts";
import { topologicalOrder } from "../tensor/gradient.ts";
import { compile, gradients, input, sizeOf, type Tensor } from "../tensor/index.ts";
import { initialValues } from "../train/values.ts";
import type { Draw } from "./draw.ts";
import { findMethod, METHODS } from "./index.ts";

const B = 4;

/** A method's loss on inputs that stand for its views. */
function build(choices: Choices) {
  const config = tinyConfig({ ...choices, batchSize: B });
  const method = findMethod(config.method.name);
  const settings = config.method.settings;
  const backbone = restoreBackbone(config.backbone.name, config.backbone.settings);
  const situation = {
    pictures: 24,
    imageSize: 16,
    batchSize: B,
    epochs: 2,
    family: backbone.family,
    multipleOf: backbone.multipleOf,
    batchNorm: backbone.batchNorm,
  };
  const groups = method.views(settings, situation);
  const views = Object.fromEntries(
    groups.map(({ name, views: specs }) => [
      name,
      input(`view:${name}`, [specs.length * B, 3, specs[0]!.size, specs[0]!.size]),
    ]),
  );
  const plan = { steps: 4, stepsPerEpoch: 2, epochs: 2, batchSize: B };
  const names = Object.keys(method.scalars(settings, plan));
  const scalars = Object.fromEntries(names.map((name) => [name, input(`scalar:${name}`, [])]));
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const teacher = method.hasTeacher
    ? new Scope(variables, "teacher", { training: true, trainable: false })
    : null;
  const draws = method.draws?.(settings, situation) ?? [];
  const drawn = (stage: Draw["stage"]) =>
    Object.fromEntries(
      draws
        .filter((draw) => draw.stage === stage)
        .map(({ name, shape, dtype }) => [name, input(`draw:${name}`, shape(B), dtype)]),
    );
  const context = { settings, scope, batchSize: B, scalars, memories: {} };
  const embeddings = method.embed({ ...context, draws: drawn("embed"), teacher, backbone, views });
  const { loss } = method.loss(embeddings, { ...context, draws: drawn("loss") });
  return { method, groups, views, scalars, draws, variables, loss };
}

const inputsOf = (tensor: Tensor) =>
  topologicalOrder([tensor])
    .filter(({ operator }) => operator.name === "input")
    .map(({ attrs }) => (attrs as { name: string }).name);

describe("DINO", () => {
  const { loss, variables } = build(TINY_DINO_RESNET);

  it("gives its teacher and its centre no gradient", () => {
    const still = variables.all.filter(({ path }) => path.startsWith("teacher.") || path.startsWith("loss."));
    expect(still.length).toBeGreaterThan(20);
    const grads = gradients(
      loss,
      still.map(({ value }) => value),
    );
    expect(grads.map(({ node }) => node.operator.name).filter((name) => name !== "constant")).toEqual([]);
  });

  it("warms its teacher's temperature up epoch by epoch, as the authors' list of linspace does", () => {
    const method = findMethod("dino");
    const settings = { ...tinyConfig(TINY_DINO_RESNET).method.settings, teacherTemperature: 0.07 };
    const plan = { steps: 30, stepsPerEpoch: 3, epochs: 10, batchSize: B };
    const temperature = method.scalars(settings, plan).teacher_temperature!;
    // np.linspace(.04, .07, 3), then .07
    const expected = [0.04, 0.055, 0.07, 0.07, 0.07];
    for (const [epoch, value] of expected.entries())
      for (const step of [3 * epoch, 3 * epoch + 2]) expect(temperature(step)).toBeCloseTo(value, 12);
  });

  it("drops paths of the student alone", () => {
    const { variables: noisy } = build({ ...TINY_DINO, backboneOptions: { patch: 8, dropPath: 0.5 } });
    expect(noisy.masks.length).toBeGreaterThan(0);
    expect(noisy.masks.filter(({ name }) => name.includes("teacher"))).toEqual([]);
  });

  it("shows local crops to the student alone", () => {
    expect(inputsOf(loss)).toContain("view:local");
    const centre = variables.get("loss.centre")!.next;
    expect(inputsOf(centre)).toContain("view:global");
    expect(inputsOf(centre)).not.toContain("view:local");
  });

  it("declares a teacher twin for every parameter of the student", () => {
    for (const { path, shape } of variables.parameters) {
      expect(variables.get(`teacher.${path}`), path).toMatchObject({ kind: "state", shape });
    }
  });
});

describe.each([
  ["simclr", TINY_SIMCLR],
  ["dino", TINY_DINO_RESNET],
  ["cpc", { method: "cpc", ...TINY_METHODS.cpc }],
  ["dim", { method: "dim", ...TINY_METHODS.dim }],
])("%s", (_name, choices) => {
  it("has a loss that does not depend on the order of the pictures", async () => {
    const { groups, views, scalars, draws, variables, loss } = build(choices);
    const program = compile({ loss }, { contrib: true });
    const values = Object.fromEntries(initialValues(variables.all, new Map(), 5));
    const fixed = Object.fromEntries(
      Object.keys(scalars).map((name) => [`scalar:${name}`, Float32Array.of(0.5)]),
    );
    const run = async (order: readonly number[]) => {
      const fed = groups.map(({ name, views: specs }) => {
        const data = deterministic(name, sizeOf(views[name]!.shape), 2);
        return [`view:${name}`, shuffled(data, specs.length, order)];
      });
      const own = draws.map(({ name, shape }) => {
        const data = deterministic(name, sizeOf(shape(B))).map((value) => Math.round(value / 2 + 0.5));
        return [`draw:${name}`, shuffled(data, 1, order)];
      });
      const results = await runOnce(program, {
        ...values,
        ...fixed,
        ...Object.fromEntries([...fed, ...own]),
      });
      return results.loss![0] as number;
    };
    expect(await run([2, 0, 3, 1])).toBeCloseTo(await run([0, 1, 2, 3]), 5);
  });
});

describe("the list of methods", () => {
  it.each(METHODS.map((method) => [method.name, method] as const))(
    "has complete, valid defaults: %s",
    (_name, method) => {
      for (const imageSize of [32, 96, 224]) {
        for (const pictures of [100, 60_000, 2_000_000]) {
          for (const family of ["resnet", "vit"] as const) {
            const multipleOf = family === "vit" ? 8 : 1;
            const situation = {
              pictures,
              imageSize,
              batchSize: 64,
              epochs: 100,
              family,
              multipleOf,
              batchNorm: family === "resnet",
            };
            const settings = method.defaults(situation);
            expect(method.settings.parse(settings)).toEqual(settings);
            expect(method.collapsedLoss(settings, 64) ?? 1).toBeGreaterThan(0);
            expect(method.training(settings, situation).learningRate).toBeGreaterThan(0);
          }
        }
      }
    },
  );

  it("refuses a name that is not in it, naming those that are", () => {
    expect(() => findMethod("simclear")).toThrow(/one of .*simclr.*; got simclear/);
  });
});

/** Pictures of every view in another order. */
function shuffled(data: Float32Array, views: number, order: readonly number[]): Float32Array {
  const size = data.length / (views * B);
  const moved = new Float32Array(data.length);
  for (let view = 0; view < views; view++) {
    for (const [to, from] of order.entries()) {
      const start = (view * B + from) * size;
      moved.set(data.subarray(start, start + size), (view * B + to) * size);
    }
  }
  return moved;
}
