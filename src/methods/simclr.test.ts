import { describe, expect, it } from "vitest";
import type { Situation } from "../objectives/situation.ts";
import { AUTHORS_FROM } from "./recipes/short-runs.ts";
import { simclr } from "./simclr.ts";

function situation(steps: number, own: Partial<Situation> = {}): Situation {
  return {
    ...{ pictures: 6400, imageSize: 24, batchSize: 64, epochs: steps / 100, family: "resnet" },
    ...{ multipleOf: 1, batchNorm: true, features: 128, ...own },
  } as Situation;
}

const sidesOf = (where: Situation) =>
  simclr
    .objective(simclr.defaults(where), where)
    .views!.flatMap(({ views }) => views.map(({ size }) => size));

describe("SimCLR's views", () => {
  it("are smaller than the pictures in a ResNet's short runs, and as large in long ones", () => {
    expect(sidesOf(situation(1000))).toEqual([16, 16]);
    expect(sidesOf(situation(AUTHORS_FROM))).toEqual([24, 24]);
  });

  it("are as large as the pictures for a transformer", () => {
    expect(sidesOf(situation(1000, { family: "vit", multipleOf: 4 }))).toEqual([24, 24]);
  });
});

describe("SimCLR's settings", () => {
  it("missing in a run of an earlier version get that version's values", () => {
    const { decoupled: _, viewScale: __, ...earlier } = simclr.defaults(situation(1000));
    expect(simclr.settings.parse(earlier)).toEqual({ ...earlier, decoupled: false, viewScale: 1 });
  });

  it("determine the loss at collapse", () => {
    const settings = simclr.defaults(situation(1000));
    const at = (decoupled: boolean) => simclr.collapsedLoss({ ...settings, decoupled }, 64, 6400);
    expect([at(false), at(true)]).toEqual([Math.log(127), Math.log(126)]);
  });
});
