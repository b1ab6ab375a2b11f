import { describe, expect, it } from "vitest";
import { type EmbedOptions, embed } from "./embed.ts";
import { type EvaluateOptions, evaluate } from "./evaluate.ts";

describe("evaluate and embed", () => {
  it.each([
    [{ protocols: ["kn"] }, /evaluate\(\{ protocols \}\).*knn, linear, retrieval.*Did you mean knn\?/],
    [{ testShare: 2 }, /evaluate\(\{ testShare \}\).*above 0 and below 1; got 2/],
    [{ clusters: 0 }, /evaluate\(\{ clusters \}\).*a whole number, 1 or more; got 0/],
    [{ k: 0 }, /evaluate\(\{ k \}\).*a whole number, 1 or more; got 0/],
    [{ threads: 0 }, /evaluate\(\{ threads \}\)/],
    [{ seeds: 1 }, /no option "seeds".*Did you mean seed\?/],
    [{ data: undefined }, /needed is missing \(evaluate\(\{ data \}\)\)/],
  ])("refuse %o before anything is read", async (options, message) => {
    const asked = { run: "none", data: "none", ...options } as unknown as EvaluateOptions;
    await expect(evaluate(asked)).rejects.toThrow(message);
  });

  it("refuse no options at all", async () => {
    await expect(evaluate(undefined as unknown as EvaluateOptions)).rejects.toThrow(/evaluate\(\{ run \}\)/);
  });

  it("refuse features without a place to go", async () => {
    await expect(embed({ run: "none", pictures: "none" } as EmbedOptions)).rejects.toThrow(
      /embed\(\{ out \}\)/,
    );
  });
});
