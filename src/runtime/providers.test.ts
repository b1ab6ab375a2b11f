import { describe, expect, it } from "vitest";
import { requireProvider } from "./providers.ts";
import { supportedProviders } from "./session.ts";

describe("a provider", () => {
  it("that works here is let pass", async () => {
    await requireProvider("cpu");
  });

  it("that is unknown is refused with those that there are", async () => {
    await expect(requireProvider("abacus")).rejects.toMatchObject({
      code: "runtime/provider",
      isUsage: true,
      message: expect.stringMatching(/abacus.*one of cpu/),
    });
  });

  it.skipIf(!supportedProviders().some(({ bundled }) => !bundled))(
    "whose libraries are not installed is refused with the reason",
    async () => {
      const { name } = supportedProviders().find(({ bundled }) => !bundled)!;
      const attempt = requireProvider(name).catch((error: unknown) => error);
      const error = await attempt;
      if (error === undefined) return; // they are installed
      expect(error).toMatchObject({ code: "runtime/provider", message: expect.stringMatching(/; got \S/) });
    },
  );
});
