/**
 * Mistakes in a network from outside of the project, by public names only: building the step names each of
 * them.
 */
import { configure } from "afterimage";
import { softmaxCrossEntropy } from "afterimage/losses";
import { classTarget, type Method } from "afterimage/methods";
import { linear, type Scope, zeros } from "afterimage/nn";
import { add, mean, type Tensor } from "afterimage/tensor";
import { Trainer } from "afterimage/train";
import { expect, it } from "vitest";

const FORMS = [
  ["whole", { microBatch: 8, couplesBatch: true }],
  ["in parts with summed gradients", { microBatch: 4, couplesBatch: false }],
  ["in parts with the loss of the whole batch", { microBatch: 4, couplesBatch: true }],
] as const;

type Shift = (scope: Scope, x: Tensor) => Tensor;
type Form = (typeof FORMS)[number][1];

/** A classifier on features that `shift` changes. */
function classifier(shift: Shift, couplesBatch: boolean): Method {
  return {
    name: "shifted-classifier",
    objective: () => ({
      targets: [classTarget()],
      couplesBatch,
      embed({ scope, backbone, views }) {
        const { features } = backbone.build(scope.at("backbone"), views.picture!); // [B, D]
        return { logits: linear(scope.at("head"), shift(scope.at("shift"), features), { out: 3 }) };
      },
      loss: ({ logits }, { targets }) => ({ loss: softmaxCrossEntropy(logits!, targets.label!) }),
    }),
  };
}

async function build(shift: Shift, { microBatch, couplesBatch }: Form): Promise<Trainer> {
  const method = classifier(shift, couplesBatch);
  const choices = {
    ...{ imageSize: 16, canvas: 16, batchSize: 8, microBatch, epochs: 1 },
    ...{ backbone: "resnet18", backboneOptions: { widthMultiplier: 1 / 16, norm: "group" as const } },
  };
  const data = { path: "", fingerprint: "none", pictures: 24 };
  return await Trainer.create(configure(choices, data, method), { method, threads: 1 });
}

it.each(FORMS)("a step %s refuses state that no step changes, by its path", async (_name, form) => {
  const frozenMean: Shift = (scope, x) => add(x, scope.state("mean", [x.shape[1]!], zeros));
  await expect(build(frozenMean, form)).rejects.toThrow(
    /reads state that no step changes \(shift\.mean\)\. Call scope\.setState/,
  );
});

it.each(FORMS)("a step %s takes state that a layer changes, and fixed values", async (_name, form) => {
  const moved = await build((scope, x) => {
    const shape = [x.shape[1]!];
    const shifted = add(add(x, scope.state("mean", shape, zeros)), scope.fixed("table", shape, zeros));
    scope.setState("mean", mean(x, [0]));
    return shifted;
  }, form);
  expect(moved.values.get("shift.mean")!.some((value) => value !== 0)).toBe(false);
  await moved.release();
});

it("a scope that was kept declares no more variables", async () => {
  let kept: Scope | undefined;
  const trainer = await build((scope, x) => {
    kept = scope;
    return x;
  }, FORMS[0][1]);
  expect(() => kept!.parameter("late", [1], zeros)).toThrow(/after the graph was compiled.*\(shift\.late\)/);
  await trainer.release();
});
