import { AfterimageError } from "../../errors.ts";
import type { Situation } from "../../objectives/situation.ts";
import { optionName } from "../../options/option-name.ts";

/**
 * Patches along a side of a training view, for methods that hide patches.
 *
 * @throws AfterimageError `method/settings` when the picture is a single patch, so nothing can be hidden.
 */
export function gridSide({ imageSize, multipleOf }: Pick<Situation, "imageSize" | "multipleOf">): number {
  const side = Math.floor(imageSize / multipleOf);
  if (side > 1) return side;
  throw new AfterimageError("method/settings", {
    what: "the picture is a single patch, so nothing can be hidden",
    where: optionName("patch"),
    expected: `at most half of the image size ${imageSize}`,
    got: `${multipleOf}`,
  });
}
