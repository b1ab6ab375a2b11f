/** An example situation, for showing the defaults that depend on it. */
import { createBackbone, optionsKnownTo } from "../backbones/index.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { Situation } from "../objectives/situation.ts";

/**
 * Ten thousand photographs, with about the sizes that `jobs/sizes/choose-by-size.ts` would choose; its own
 * computation would take seconds.
 */
export function exampleSituation({ backbone }: Pick<CatalogueMethod, "backbone">): Situation {
  const imageSize = 64;
  const narrow = optionsKnownTo(backbone, { widthMultiplier: 0.5 });
  const { family, multipleOf, batchNorm, features } = createBackbone(backbone, { imageSize, ...narrow });
  return {
    ...{ pictures: 10_000, imageSize, batchSize: 128, epochs: 80 },
    ...{ family, multipleOf, batchNorm, features },
  };
}
