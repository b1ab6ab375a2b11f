/** An example situation, for showing the defaults that depend on it. */
import { createBackbone } from "../backbones/index.ts";
import type { Method, Situation } from "../methods/method.ts";

/** Ten thousand small pictures and the method's own backbone. */
export function exampleSituation({ backbone }: Pick<Method, "backbone">): Situation {
  const imageSize = 64;
  const { family, multipleOf, batchNorm, features } = createBackbone(backbone, { imageSize });
  return {
    ...{ pictures: 10_000, imageSize, batchSize: 128, epochs: 100 },
    ...{ family, multipleOf, batchNorm, features },
  };
}
