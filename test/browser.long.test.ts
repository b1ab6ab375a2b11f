/**
 * The table of operators in headless Chromium, with the runtime that `#ort` gives a browser: on its Wasm, and
 * on its WebGPU by an adapter in software. Without a Chromium the tests are skipped. Operators that are not
 * finished in time are not compared; `npm run check:browser` has no limit.
 */
import { describe, expect, it } from "vitest";
import { findChromium } from "../bench/browser/find-chromium.ts";
import type { Provider } from "../bench/browser/report.ts";
import { runInBrowser } from "../bench/browser/run-in-browser.ts";

const LIMIT = 50_000;

const chromium = findChromium();

describe("in a browser", () => {
  it.for<Provider>(["wasm", "webgpu"])(
    "the operators have their references and derivatives on %s",
    async (provider, { skip }) => {
      if (chromium === undefined) return skip("no Chromium is found; CHROMIUM may name one");
      const options = { chromium, provider, runs: 1, patience: LIMIT, limit: LIMIT };
      const { entries, unfinished } = await runInBrowser(options);
      const wrong = [...entries].filter(([, failure]) => failure !== null);
      expect(wrong).toEqual([]);
      if (entries.size === 0) skip(`${provider} is not checked here: ${unfinished}`);
    },
  );
});
