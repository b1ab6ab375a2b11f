/**
 * A method of your own: two views of a picture go through one linear layer, and VICReg compares them. It is
 * trained, evaluated and exported like any other method.
 *
 * npx tsx --conditions=source examples/own-method.ts <pictures> [run folder] [epochs]
 */
import { evaluate, pretrain } from "afterimage";
import { simclrViews } from "afterimage/augment";
import { vicreg } from "afterimage/losses";
import type { Method } from "afterimage/methods";
import { linear } from "afterimage/nn";
import { split } from "afterimage/tensor";
import { z } from "zod";

interface Settings {
  width: number;
}

const small: Method<Settings> = {
  name: "small-vicreg",
  settings: z.strictObject({ width: z.int().positive().default(256).describe("size of the embedding") }),
  objective: ({ width }, { imageSize }) => ({
    views: [{ name: "pair", views: simclrViews({ size: imageSize, scale: [0.3, 1] }) }],
    embed({ scope, backbone, views }) {
      const { features } = backbone.build(scope.at("backbone"), views.pair!); // [2B, D]
      return { pair: linear(scope.at("head"), features, { out: width }) };
    },
    loss({ pair }, { batchSize }) {
      const [first, second] = split(pair!, 0, [batchSize, batchSize]);
      return { loss: vicreg(first!, second!) };
    },
  }),
};

const [pictures, out, epochs = "20"] = process.argv.slice(2);
if (pictures === undefined) throw new Error("which folder of pictures?");
const { run, encoder } = await pretrain({
  ...{
    pictures,
    method: small,
    epochs: Number(epochs),
    imageSize: 32,
    backboneOptions: { widthMultiplier: 0.25 },
  },
  ...(out !== undefined && { out }),
  settings: { width: 128 },
});
const { trained, pixels } = await evaluate({ run, data: pictures, protocols: ["knn"] });
console.log(
  `kNN ${trained.knn?.accuracy.toFixed(3)} (pixels ${pixels.knn?.accuracy.toFixed(3)}); ${encoder}`,
);
