import { describe, expect, it } from "vitest";
import { mean } from "../tensor/index.ts";
import { completeObjective } from "./complete-objective.ts";
import type { Draw } from "./draw.ts";
import type { Objective } from "./objective.ts";

const plain: Objective = {
  embed: ({ views }) => ({ pixels: views.picture! }),
  loss: ({ pixels }) => ({ loss: mean(pixels!) }),
};

const draw = (stage: Draw["stage"], per: Draw["per"]): Draw => ({
  ...{ name: "order", stage, per, dtype: "int32" },
  shape: (pictures) => [pictures],
  fill: (out, random) => out.set(random.permutation(out.length)),
});

describe("completeObjective", () => {
  it("asks for the whole picture and couples the batch, unless the objective says otherwise", () => {
    const { views, couplesBatch, draws, scalars } = completeObjective(plain, 16);
    expect(views).toMatchObject([{ name: "picture", views: [{ size: 16, flip: 0 }] }]);
    expect({ couplesBatch, draws }).toEqual({ couplesBatch: true, draws: [] });
    expect(scalars({ steps: 4, stepsPerEpoch: 2, epochs: 2, batchSize: 8 })).toEqual({});
  });

  it("refuses a draw for each part that both stages see, if the loss couples the batch", () => {
    const shared = { ...plain, draws: [draw("both", "part")] };
    for (const objective of [shared, { ...shared, couplesBatch: true }])
      expect(() => completeObjective(objective, 16)).toThrow(
        expect.objectContaining({
          code: "method/objective",
          message: expect.stringMatching(/the draw order.*couplesBatch: false/s),
        }),
      );
    expect(completeObjective({ ...shared, couplesBatch: false }, 16).draws).toHaveLength(1);
  });

  it.each([
    ["both", "picture"],
    ["embed", "part"],
    ["loss", "part"],
  ] as const)("takes a draw of the stage %s for each %s with any loss", (stage, per) => {
    expect(completeObjective({ ...plain, draws: [draw(stage, per)] }, 16).draws).toHaveLength(1);
  });
});
