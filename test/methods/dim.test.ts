import { describe, expect, it } from "vitest";
import { createBackbone } from "../../src/backbones/index.ts";
import { dim } from "../../src/methods/dim.ts";
import { Scope, Variables } from "../../src/nn/index.ts";
import { gradients, input, pullBack } from "../../src/tensor/index.ts";
import { methodSteps, NARROW_RESNET, worst } from "../support/method-steps.ts";

describe.each(["jsd", "nce", "dv"])("Deep InfoMax by %s", (bound) => {
  it("takes the steps that PyTorch takes, encoder and discriminator each by its own loss", async () => {
    const steps = await methodSteps(`dim-${bound}`, {
      method: "dim",
      ...NARROW_RESNET,
      settings: {
        ...{ bound, globalWeight: 0.5, localWeight: 1, priorWeight: 0.3 },
        ...{ outputs: 8, units: 24, localSide: 7, discriminator: [12, 10] },
      },
    });
    expect(steps.unmatched).toEqual([]);
    // The discriminator's weights move by 6e-4 of themselves.
    expect(worst(steps).error, worst(steps).where).toBeLessThan(1e-3);
  });
});

describe("matching the prior", () => {
  const B = 4;
  const settings = {
    ...{ globalWeight: 0, localWeight: 1, priorWeight: 1, bound: "jsd", outputs: 8, units: 16 },
    ...{ localSide: 4, discriminator: [6, 5], cropScale: [0.6, 1] },
  } as const;

  function build(backboneName: string) {
    const variables = new Variables();
    const scope = new Scope(variables, "", { training: true, trainable: true });
    const backbone = createBackbone(backboneName, { imageSize: 16 });
    const context = { settings: structuredClone(settings) as never, scope, batchSize: B, scalars: {} };
    const views = { picture: input("view:picture", [B, 3, 16, 16]) };
    const embeddings = dim.embed({ ...context, draws: {}, teacher: null, backbone, views });
    const prior = input("prior", [B, settings.outputs]);
    const { metrics, loss } = dim.loss(embeddings, { ...context, draws: { prior }, memories: {} });
    return { variables, embeddings, discriminator: metrics.discriminator!, loss };
  }

  it("teaches the discriminator by its own loss alone, which teaches the encoder nothing", () => {
    const { variables, discriminator, embeddings, loss } = build("resnet18");
    const values = variables.parameters.map(({ value }) => value);
    const seed = gradients(discriminator, [discriminator])[0]!;
    const learning = pullBack([discriminator], [seed], values).map((grad) => grad !== null);
    const judged = variables.parameters.map(({ path }) => path.startsWith("discriminator."));
    expect(learning).toEqual(judged);
    expect(judged.filter(Boolean)).toHaveLength(6);
    // From all of the loss the encoder learns, through the summary too.
    const [bySummary] = pullBack([loss], [seed], [embeddings.summary!]);
    expect(bySummary).not.toBeNull();
  });

  it("takes a transformer's patches for places", () => {
    const { embeddings } = build("vit_tiny");
    expect(embeddings.localMap!.shape).toEqual([B, 16, settings.units]);
  });

  it("takes the last of a ResNet's maps that has as many places a side", () => {
    const { embeddings } = build("resnet18"); // sides 16, 8, 4, 2
    expect(embeddings.localMap!.shape).toEqual([B, 16, settings.units]);
  });
});
