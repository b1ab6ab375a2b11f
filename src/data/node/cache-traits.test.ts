import { expect, test } from "vitest";
import { packTraits, unpackTraits } from "./cache-traits.ts";

test("all combinations of traits come back as they were", () => {
  const traits = [0, 3, 255].flatMap((span) =>
    ([null, "white", "black"] as const).flatMap((backdrop) =>
      ([null, "fewer-bits", "own-range"] as const).flatMap((scaling) =>
        [false, true].map((cropped) => ({ span, backdrop, cropped, scaling })),
      ),
    ),
  );
  expect(unpackTraits(packTraits(traits))).toEqual(traits);
});
