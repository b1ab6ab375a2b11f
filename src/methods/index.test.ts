import { describe, expect, it } from "vitest";
import {
  type Choices,
  TINY_DINO,
  TINY_DINO_RESNET,
  TINY_METHODS,
  tinyConfig,
} from "../../test/support/tiny-run.ts";
import { restoreBackbone } from "../backbones/index.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import type { Draw } from "../objectives/draw.ts";
import { topologicalOrder } from "../tensor/gradient.ts";
import { gradients, input, sum, type Tensor } from "../tensor/index.ts";
import * as exported from "./index.ts";
import { findMethod, METHODS } from "./index.ts";

const B = 4;

/** The objective of a tiny run, and its backbone. */
function objectiveOf(choices: Choices) {
  const config = tinyConfig({ ...choices, batchSize: B });
  const backbone = restoreBackbone(config.backbone.name, config.backbone.settings);
  const { family, multipleOf, batchNorm, features } = backbone;
  const situation = {
    ...{ pictures: 24, imageSize: 16, batchSize: B, epochs: 2 },
    ...{ family, multipleOf, batchNorm, features },
  };
  return { backbone, objective: findMethod(config.method.name).objective(config.method.settings, situation) };
}

/** An objective's loss on graph inputs in place of its views. */
function build(choices: Choices) {
  const { backbone, objective } = objectiveOf(choices);
  const views = Object.fromEntries(
    objective.views!.map(({ name, views: specs }) => [
      name,
      input(`view:${name}`, [specs.length * B, 3, specs[0]!.size, specs[0]!.size]),
    ]),
  );
  const plan = { steps: 4, stepsPerEpoch: 2, epochs: 2, batchSize: B };
  const names = Object.keys(objective.scalars?.(plan) ?? {});
  const scalars = Object.fromEntries(names.map((name) => [name, input(`scalar:${name}`, [])]));
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const teacher = objective.teacher
    ? new Scope(variables, "teacher", { training: true, trainable: false })
    : null;
  const drawn = (stage: Draw["stage"]) =>
    Object.fromEntries(
      (objective.draws ?? [])
        .filter((draw) => draw.stage === stage || draw.stage === "both")
        .map(({ name, shape, dtype }) => [name, input(`draw:${name}`, shape(B), dtype)]),
    );
  const context = { scope, batchSize: B, scalars };
  const embeddings = objective.embed({ ...context, draws: drawn("embed"), teacher, backbone, views });
  const { loss } = objective.loss(embeddings, {
    ...context,
    ...{ draws: drawn("loss"), memories: {}, targets: {} },
  });
  return { objective, variables, embeddings, loss };
}

/** Paths of the variables to which a tensor passes a gradient, state included. */
function reached(tensor: Tensor, { all }: Variables): string[] {
  const grads = gradients(
    sum(tensor),
    all.map(({ value }) => value),
  );
  return all.flatMap(({ path }, i) => (grads[i]!.node.operator.name === "constant" ? [] : [path]));
}

const parameterPaths = ({ parameters }: Variables) => parameters.map(({ path }) => path);

const inputsOf = (tensor: Tensor) =>
  topologicalOrder([tensor])
    .filter(({ operator }) => operator.name === "input")
    .map(({ attrs }) => (attrs as { name: string }).name);

describe("DINO", () => {
  const { loss, variables } = build(TINY_DINO_RESNET);

  it("raises its teacher's temperature epoch by epoch, like the authors' linspace", () => {
    const { settings } = TINY_DINO_RESNET;
    const warm = { ...TINY_DINO_RESNET, settings: { ...settings, teacherTemperature: 0.07 } };
    const plan = { steps: 30, stepsPerEpoch: 3, epochs: 10, batchSize: B };
    const temperature = objectiveOf(warm).objective.scalars!(plan).teacher_temperature!;
    // np.linspace(.04, .07, 3), then .07
    const expected = [0.04, 0.055, 0.07, 0.07, 0.07];
    for (const [epoch, value] of expected.entries())
      for (const step of [3 * epoch, 3 * epoch + 2]) expect(temperature(step)).toBeCloseTo(value, 12);
  });

  it("drops only paths of the student", () => {
    const { variables: noisy } = build({ ...TINY_DINO, backboneOptions: { patch: 8, dropPath: 0.5 } });
    expect(noisy.masks.length).toBeGreaterThan(0);
    expect(noisy.masks.filter(({ name }) => name.includes("teacher"))).toEqual([]);
  });

  it("shows local crops only to the student", () => {
    expect(inputsOf(loss)).toContain("view:local");
    const centre = variables.get("loss.centre")!.next;
    expect(inputsOf(centre)).toContain("view:global");
    expect(inputsOf(centre)).not.toContain("view:local");
  });
});

/** A tiny run of a method with some of its settings changed. */
function changed(method: string, settings: object, differently: Choices = {}): Choices {
  const choices = TINY_METHODS[method]!;
  return { ...choices, method, ...differently, settings: { ...choices.settings, ...settings } };
}

describe("BYOL", () => {
  it("without a predictor, compares the projections themselves", () => {
    const { variables, loss } = build(changed("byol", { predictor: false }));
    expect(parameterPaths(variables).filter((path) => path.startsWith("predictor."))).toEqual([]);
    expect(reached(loss, variables)).toEqual(parameterPaths(variables));
  });

  it("has no batch norm if the backbone has none", () => {
    const { variables } = build(
      changed("byol", {}, { backboneOptions: { widthMultiplier: 1 / 16, norm: "group" } }),
    );
    expect(variables.all.filter(({ path }) => /running_/.test(path))).toEqual([]);
    expect(variables.get("head.0.norm.weight")).toBeDefined();
  });

  it("has batch norm in the heads of a transformer", () => {
    const { variables } = build(changed("byol", {}, { backbone: "vit_tiny", backboneOptions: { patch: 8 } }));
    expect(variables.get("head.0.norm.running_mean")).toBeDefined();
  });

  it("raises its target's momentum to 1 by a cosine", () => {
    const { objective } = objectiveOf(changed("byol", { targetMomentum: 0.9 }));
    const momentum = objective.teacher!.momentum({ steps: 40, stepsPerEpoch: 4, epochs: 10, batchSize: B });
    for (const step of [0, 20, 40]) // 1 - (1 - .9) · (cos(π · step / 40) + 1) / 2
      expect(momentum(step)).toBeCloseTo(0.9 + (0.1 * step) / 40, 12);
  });
});

describe("MoCo v3", () => {
  // The authors' step t moves the average first, with the momentum of t. Here this is after step t - 1.
  it("moves its teacher with the momentum of the next step", () => {
    const { objective } = objectiveOf(changed("moco-v3", { keyMomentum: 0.9 }));
    const momentum = objective.teacher!.momentum({ steps: 40, stepsPerEpoch: 4, epochs: 10, batchSize: B });
    expect(momentum(19)).toBeCloseTo(0.95, 12); // half of the way at step 20 of 40
    expect([momentum(39), momentum(40)]).toEqual([1, 1]);
  });
});

describe("SimSiam", () => {
  it("passes no gradient to targets, and predictions train all parameters", () => {
    const { variables, loss, embeddings } = build(changed("simsiam", {}));
    expect(reached(embeddings.target!, variables)).toEqual([]);
    expect(reached(loss, variables)).toEqual(parameterPaths(variables));
  });

  it("without stop-gradient, targets train all parameters but the predictor's", () => {
    const { variables, embeddings } = build(changed("simsiam", { stopGradient: false }));
    const projecting = parameterPaths(variables).filter((path) => !path.startsWith("predictor."));
    expect(reached(embeddings.target!, variables)).toEqual(projecting);
  });

  it("without a predictor, compares the projections themselves", () => {
    const { variables, loss, embeddings } = build(changed("simsiam", { predictor: false }));
    expect(parameterPaths(variables).filter((path) => path.startsWith("predictor."))).toEqual([]);
    expect(reached(embeddings.target!, variables)).toEqual([]);
    expect(reached(loss, variables)).toEqual(parameterPaths(variables));
  });

  it("keeps the learning rate of its predictor constant, and no other", () => {
    const { variables, objective } = build(changed("simsiam", {}));
    const [rate] = objective.rates!;
    expect(rate!.by).toBe("peak");
    const kept = variables.parameters.filter((parameter) => rate!.applies(parameter)).map(({ path }) => path);
    expect(kept).toEqual([
      "predictor.0.linear.weight",
      "predictor.0.norm.weight",
      "predictor.0.norm.bias",
      "predictor.1.linear.weight",
      "predictor.1.linear.bias",
    ]);
  });
});

describe.each(["barlow-twins", "vicreg"])("%s", (method) => {
  it("has no biases except in norms", () => {
    const { variables } = build(changed(method, {}));
    expect(parameterPaths(variables).filter((path) => path.endsWith("linear.bias"))).toEqual([]);
  });
});

describe("the list of methods", () => {
  it.each(METHODS.map((method) => [method.name, method] as const))(
    "has complete, valid defaults: %s",
    (_name, method) => {
      for (const imageSize of [32, 96, 224]) {
        for (const pictures of [100, 60_000, 2_000_000]) {
          for (const family of method.family === undefined ? (["resnet", "vit"] as const) : [method.family]) {
            const multipleOf = family === "vit" ? 8 : 1;
            const situation = {
              pictures,
              imageSize,
              batchSize: 64,
              epochs: 100,
              family,
              multipleOf,
              batchNorm: family === "resnet",
              features: 512,
            };
            const settings = method.defaults(situation);
            expect(method.settings.parse(settings)).toEqual(settings);
            expect(method.collapsedLoss(settings, 64, pictures) ?? 0).toSatisfy(Number.isFinite);
            expect(method.training(settings, situation).learningRate).toBeGreaterThan(0);
          }
        }
      }
    },
  );

  it("has exactly the methods that are exported", () => {
    const withCommands: unknown[] = [exported.fineTuning, exported.labelDistillation];
    const records = Object.values(exported).filter(
      (value) => typeof value === "object" && "objective" in value && !withCommands.includes(value),
    );
    expect(new Set(records)).toEqual(new Set(METHODS));
    expect(records).toHaveLength(METHODS.length);
  });

  it("refuses an unknown name, and lists the known ones", () => {
    expect(() => findMethod("simclear")).toThrow(/one of .*simclr.*; got simclear/);
  });
});
