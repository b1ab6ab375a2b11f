import { describe, expect, it } from "vitest";
import { zeros } from "../nn/initializers.ts";
import { batchNorm, linear } from "../nn/layers.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { sgd } from "../optim/sgd.ts";
import { add, input, mean, mul, square, stopGradient, type Tensor } from "../tensor/index.ts";
import { Learner, type LearnerOptions } from "./learner.ts";

/** A linear layer of 3 inputs, and what else `build` makes of its outputs `[4, 2]`. */
function network(build: (scope: Scope, y: Tensor) => Tensor) {
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const y = build(scope, linear(scope.at("layer"), input("x", [4, 3]), { out: 2 }));
  return { variables, scope, loss: mean(square(y)), y };
}

const learn = (options: Pick<LearnerOptions, "variables" | "loss" | "outputs">) =>
  Learner.create({ ...options, optimizer: sgd(), learningRate: 0.1 });

const X = { x: Float32Array.from({ length: 12 }, (_, i) => i / 12) };

describe("a network with a mistake", () => {
  it("names the state that no step changes, and what to do", async () => {
    const built = network((scope, y) => add(y, scope.at("centre").state("mean", [2], zeros)));
    await expect(learn(built)).rejects.toThrow(
      /state that no step changes \(centre\.mean\)\. Call scope\.setState .* scope\.fixed/,
    );
    await expect(learn(built)).rejects.toMatchObject({ code: "train/network" });
  });

  it("names the parameter that gets no gradient", async () => {
    const unused = network((scope, y) => {
      linear(scope.at("forgotten"), y, { out: 2 });
      return y;
    });
    await expect(learn(unused)).rejects.toThrow(
      /\(forgotten\.weight, forgotten\.bias\)\. Use it in the loss/,
    );
    const stopped = network((_, y) => stopGradient(y));
    await expect(learn(stopped)).rejects.toThrow(/\(layer\.weight, layer\.bias\)/);
  });

  it("may not name an output as one of the learner's own", async () => {
    const built = network((_, y) => y);
    for (const name of ["loss", "next:layer.weight"])
      await expect(learn({ ...built, outputs: { [name]: built.y } })).rejects.toThrow(
        `two outputs of a learner have one name (${name})`,
      );
  });

  it("may not grow after its graph was compiled", async () => {
    const built = network((_, y) => y);
    const learner = await learn(built);
    expect(() => linear(built.scope.at("late"), built.y, { out: 1 })).toThrow(
      /declared after the graph was compiled, so no step would use it \(late\.weight\)/,
    );
    expect(() => built.scope.mask("dropout", [4, 2], 0.5)).toThrow(/after the graph was compiled/);
    await learner.release();
  });
});

it("shares the variables of a compiled network with another graph", async () => {
  const built = network((scope, y) => batchNorm(scope.at("bn"), y));
  const learner = await learn(built);
  const evaluated = new Scope(built.variables, "", { training: false, trainable: true });
  const again = linear(evaluated.at("layer"), input("x", [1, 3]), { out: 2 });
  expect(batchNorm(evaluated.at("bn"), again).shape).toEqual([1, 2]);
  await learner.release();
});

it("keeps what is fixed, and state that is read in evaluation only, as they are", async () => {
  const built = network((scope, y) => {
    const table = scope.fixed("table", [2], (shape) => new Float32Array(shape[0]!).fill(0.5));
    const kept = scope.with({ training: false }).state("kept", [2], zeros);
    return mul(add(y, table), add(kept, 1));
  });
  const learner = await learn(built);
  await learner.step(X);
  expect([...learner.values.get("table")!]).toEqual([0.5, 0.5]);
  expect([...learner.values.get("kept")!]).toEqual([0, 0]);
  await learner.release();
});

it("counts a state as changed once a layer sets it", async () => {
  const built = network((scope, y) => {
    const before = scope.state("seen", [], zeros);
    scope.setState("seen", add(before, 1));
    return y;
  });
  const learner = await learn(built);
  await learner.step(X);
  await learner.step(X);
  expect([...learner.values.get("seen")!]).toEqual([2]);
  await learner.release();
});
