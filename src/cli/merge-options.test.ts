import { expect, it } from "vitest";
import type { Choices } from "../runs/configure/configure.ts";
import { mergeOptions } from "./merge-options.ts";

it("takes later options first, and settings that one option holds one by one", () => {
  const merged = mergeOptions<Choices>(
    { epochs: 3, seed: 1, settings: { temperature: 0.1, blur: false } },
    { epochs: 5, training: { clip: 1 } },
    { settings: { temperature: 0.2 }, training: { beta2: 0.9 } },
  );
  expect(merged).toEqual({
    epochs: 5,
    seed: 1,
    settings: { temperature: 0.2, blur: false },
    training: { clip: 1, beta2: 0.9 },
  });
});
