import { expect, it } from "vitest";
import { createBackbone } from "../backbones/index.ts";
import { Scope, Variables } from "../nn/index.ts";
import { input } from "../tensor/index.ts";
import { dim } from "./dim.ts";

it.each([true, false])(
  "has a place for each patch of a transformer, with a class token: %s",
  (classToken) => {
    const backbone = createBackbone("vit_tiny", { imageSize: 16, patch: 4, classToken });
    const { localMap } = dim.embed({
      settings: { globalWeight: 0, localWeight: 1, views: 1, outputs: 8, units: 16, localSide: 4 } as never,
      scope: new Scope(new Variables(), "", { training: true, trainable: true }),
      ...{ batchSize: 2, scalars: {}, draws: {}, teacher: null, backbone },
      views: { picture: input("view:picture", [2, 3, 16, 16]) },
    });
    expect(localMap!.shape).toEqual([2, 4 * 4, 16]);
  },
);
