/**
 * A backbone of your own: a small convolutional network. SimCLR trains it, and its run is evaluated and
 * exported like that of any other backbone.
 *
 * npx tsx --conditions=source examples/own-backbone.ts <pictures> [run folder] [epochs]
 */
import { addBackbone, evaluate, pretrain } from "afterimage";
import type { Backbone } from "afterimage/backbones";
import { batchNorm, conv } from "afterimage/nn";
import { mean, relu } from "afterimage/tensor";
import { z } from "zod";

const schema = z.strictObject({
  width: z.int().positive().default(32).describe("channels of the first stage"),
  stages: z.int().positive().default(3).describe("stages, each with half the height and width of the last"),
});

function small({ width, stages }: z.infer<typeof schema>): Backbone {
  return {
    ...{ name: "small", family: "small", features: width * 2 ** (stages - 1) },
    ...{ multipleOf: 1, batchNorm: true, settings: { width, stages } },
    build(scope, pictures) {
      let map = pictures; // [B, 3, H, W]
      for (let stage = 0; stage < stages; stage++) {
        const own = scope.at(`stages.${stage}`);
        const options = { out: width * 2 ** stage, kernel: 3, stride: 2, padding: 1 };
        // [B, width·2^stage, H/2^(stage + 1), …]
        map = relu(batchNorm(own.at("bn"), conv(own.at("conv"), map, options)));
      }
      return { features: mean(map, [2, 3]), map };
    },
  };
}

addBackbone({
  name: "small",
  options: schema,
  make: small,
  restore: (_name, settings) => small(schema.parse(settings)),
});

const [pictures, out, epochs = "20"] = process.argv.slice(2);
if (pictures === undefined) throw new Error("which folder of pictures?");
const { run, encoder } = await pretrain({
  ...{ pictures, epochs: Number(epochs), imageSize: 32, backbone: "small", backboneOptions: { width: 16 } },
  ...(out !== undefined && { out }),
});
const { trained, pixels } = await evaluate({ run, data: pictures, protocols: ["knn"] });
console.log(
  `kNN ${trained.knn?.accuracy.toFixed(3)} (pixels ${pixels.knn?.accuracy.toFixed(3)}); ${encoder}`,
);
