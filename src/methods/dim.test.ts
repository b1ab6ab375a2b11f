import { expect, it } from "vitest";
import { createBackbone } from "../backbones/index.ts";
import { Scope, Variables } from "../nn/index.ts";
import { input } from "../tensor/index.ts";
import { dim } from "./dim.ts";

it.each([true, false])(
  "has a place for each patch of a transformer, with a class token: %s",
  (classToken) => {
    const backbone = createBackbone("vit_tiny", { imageSize: 16, patch: 4, classToken });
    const weights = { globalWeight: 0, localWeight: 1, priorWeight: 0 };
    const settings = { ...weights, views: 1, outputs: 8, units: 16, localSide: 4, cropScale: [0.5, 1] };
    const objective = dim.objective(settings as never, { imageSize: 16 } as never);
    const { localMap } = objective.embed({
      scope: new Scope(new Variables(), "", { training: true, trainable: true }),
      ...{ batchSize: 2, scalars: {}, draws: {}, teacher: null, backbone },
      views: { picture: input("view:picture", [2, 3, 16, 16]) },
    });
    expect(localMap!.shape).toEqual([2, 4 * 4, 16]);
  },
);
