import { describe, expect, it } from "vitest";
import { createBackbone } from "../../src/backbones/index.ts";
import { dim } from "../../src/methods/dim.ts";
import type { DimSettings } from "../../src/methods/recipes/dim.ts";
import { Scope, Variables } from "../../src/nn/index.ts";
import { configure } from "../../src/runs/configure/configure.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { compile, gradients, input, pullBack, type Tensor } from "../../src/tensor/index.ts";
import { initialValues } from "../../src/train/values.ts";
import { deterministic } from "../support/deterministic.ts";
import { methodSteps, NARROW_RESNET, worst, worstMove } from "../support/method-steps.ts";
import { relativeError } from "../support/probe.ts";

describe.each([
  ["jsd", {}],
  ["nce", {}],
  ["dv", {}],
  ["two-views", { bound: "nce", views: 2, temperature: null }],
])("Deep InfoMax: %s", (name, own) => {
  it("takes PyTorch's steps, encoder and discriminator each with its own loss", async () => {
    const steps = await methodSteps(`dim-${name}`, {
      method: "dim",
      ...NARROW_RESNET,
      settings: {
        ...{ bound: name, ...own, globalWeight: 0.5, localWeight: 1, priorWeight: 0.3 },
        ...{ outputs: 8, units: 24, localSide: 7, discriminator: [12, 10] },
      },
    });
    expect(steps.unmatched).toEqual([]);
    expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-4);
    // The discriminator's weights move by 6e-4 of their size.
    expect(worstMove(steps).error, worstMove(steps).where).toBeLessThan(1e-3);
  });
});

describe("matching the prior", () => {
  const B = 4;
  const settings = {
    ...{
      globalWeight: 0,
      localWeight: 1,
      priorWeight: 1,
      views: 1,
      temperature: 1,
      bound: "jsd",
      outputs: 8,
      units: 16,
    },
    ...{ localSide: 4, discriminator: [6, 5], cropScale: [0.6, 1] },
  } as const;

  function build(backboneName: string) {
    const variables = new Variables();
    const scope = new Scope(variables, "", { training: true, trainable: true });
    const backbone = createBackbone(backboneName, { imageSize: 16 });
    const objective = dim.objective(structuredClone(settings) as never, { imageSize: 16 } as never);
    const context = { scope, batchSize: B, scalars: {} };
    const views = { picture: input("view:picture", [B, 3, 16, 16]) };
    const embeddings = objective.embed({ ...context, draws: {}, teacher: null, backbone, views });
    const prior = input("prior", [B, settings.outputs]);
    const beside = { draws: { prior }, memories: {}, targets: {} };
    const { metrics, loss } = objective.loss(embeddings, { ...context, ...beside });
    return { variables, embeddings, discriminator: metrics!.discriminator!, loss };
  }

  it("trains the discriminator with its own loss, which does not train the encoder", () => {
    const { variables, discriminator, embeddings, loss } = build("resnet18");
    const values = variables.parameters.map(({ value }) => value);
    const seed = gradients(discriminator, [discriminator])[0]!;
    const learning = pullBack([discriminator], [seed], values).map((grad) => grad !== null);
    const judged = variables.parameters.map(({ path }) => path.startsWith("discriminator."));
    expect(learning).toEqual(judged);
    expect(judged.filter(Boolean)).toHaveLength(6);
    // The encoder learns from the whole loss, through the summary too.
    const [bySummary] = pullBack([loss], [seed], [embeddings.summary!]);
    expect(bySummary).not.toBeNull();
  });

  it("gives the discriminator only the gradient of its own loss", async () => {
    const { variables, discriminator, loss } = build("resnet18");
    const judge = variables.parameters.filter(({ path }) => path.startsWith("discriminator."));
    const by = (of: Tensor) =>
      gradients(
        of,
        judge.map(({ value }) => value),
      );
    const named = (name: string, tensors: readonly Tensor[]) =>
      Object.fromEntries(tensors.map((tensor, i) => [`${name}.${judge[i]!.path}`, tensor]));
    const program = compile({ ...named("own", by(discriminator)), ...named("all", by(loss)) });
    const results = await runOnce(program, {
      ...Object.fromEntries(initialValues(variables.all, new Map(), 0)),
      "view:picture": deterministic("picture", B * 3 * 16 * 16, 2),
      prior: deterministic("prior", B * settings.outputs).map((value) => (value + 1) / 2),
    });
    for (const { path } of judge) {
      const [own, all] = ["own", "all"].map((name) => results[`${name}.${path}`] as Float32Array);
      expect(Math.max(...own!.map(Math.abs)), path).toBeGreaterThan(0);
      expect(relativeError(all!, own!), path).toBeLessThan(1e-5);
    }
  });

  it("takes a transformer's patches as places", () => {
    const { embeddings } = build("vit_tiny");
    expect(embeddings.localMap!.shape).toEqual([B, 16, settings.units]);
  });

  it("takes the last of a ResNet's maps with enough places a side", () => {
    const { embeddings } = build("resnet18"); // sides 16, 8, 4, 2
    expect(embeddings.localMap!.shape).toEqual([B, 16, settings.units]);
  });
});

describe("short runs", () => {
  const of = (epochs: number) =>
    configure(
      { method: "dim", imageSize: 32, batchSize: 64, epochs },
      { path: "", fingerprint: "", pictures: 6400 },
    );

  it("compare the map of one view with the other view, and long ones each place with its own view", () => {
    expect(of(100).method.settings).toMatchObject({
      views: 2,
      globalWeight: 1,
      localWeight: 0,
      priorWeight: 0,
    });
    expect(of(200).method.settings).toMatchObject({
      views: 1,
      globalWeight: 0,
      localWeight: 1,
      priorWeight: 0.1,
    });
  });

  it("have the declared loss at collapse if all pictures have the same summary", async () => {
    const [b, units] = [3, 4];
    const settings = of(100).method.settings as unknown as DimSettings;
    const context = {
      ...{ batchSize: b, scalars: {}, draws: {}, memories: {}, targets: {} },
      scope: new Scope(new Variables(), "", { training: true, trainable: true }),
    };
    const embeddings = {
      summary: input("summary", [2 * b, settings.outputs]),
      globalSummary: input("summaries", [2 * b, units]),
      globalMap: input("maps", [2 * b, 1, units]),
    };
    const objective = dim.objective({ ...settings, units }, { imageSize: 32 } as never);
    const program = compile({ loss: objective.loss(embeddings, context).loss });
    const maps = deterministic("map", units, 3); // of every picture
    const summaries = repeated(deterministic("summary", units, 3), 2 * b);
    const { loss } = await runOnce(program, { summaries, maps: repeated(maps, 2 * b) });
    expect(loss![0]).toBeCloseTo(dim.collapsedLoss(settings, b, 100)!, 5);
  });
});

function repeated(row: Float32Array, count: number): Float32Array {
  return Float32Array.from({ length: row.length * count }, (_, i) => row[i % row.length]!);
}
