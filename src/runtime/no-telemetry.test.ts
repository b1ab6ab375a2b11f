import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "no-telemetry-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it("lets the runtime leave nothing in the user's home", () => {
  const place = (file: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, file)).href);
  const program = `
    import { runOnce } from ${place("session.ts")};
    import { compile, input, neg } from ${place("../tensor/index.ts")};
    const { y } = await runOnce(compile({ y: neg(input("x", [1])) }), { x: Float32Array.of(2) });
    console.log(y[0]);
  `;
  const { ORT_DISABLE_TELEMETRY: _, ...outer } = process.env;
  const env = { ...outer, HOME: home, XDG_CACHE_HOME: join(home, "cache") };
  const args = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", program];
  expect(execFileSync(process.execPath, args, { env, encoding: "utf8" }).trim()).toBe("-2");
  expect(readdirSync(home, { recursive: true })).toEqual([]);
});
