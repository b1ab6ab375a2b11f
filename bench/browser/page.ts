/**
 * The browser's program: every operator of the table on one provider, against its reference and finite
 * differences. Each finished entry is posted to the server. The address gives the provider, the number of
 * random uses, and the operators if not all are checked.
 */
import { dialectOf, ortEnv, requireProvider } from "afterimage/runtime";
import { checkEntry, ENTRIES } from "../../test/operators/index.ts";
import type { Report } from "./report.ts";

/** The part of a page's globals that is used here, because the project's types are those of Node. */
const { location } = globalThis as unknown as { location: { href: string } };
const words = new URL(location.href).searchParams;
const provider = words.get("provider") ?? "wasm";
const runs = Number(words.get("runs"));
const only = words.getAll("only");

// A worker would load this module and run it again.
ortEnv.wasm.numThreads = 1;

function post(report: Report): Promise<unknown> {
  return fetch("/report", { method: "POST", body: JSON.stringify(report) });
}

/** The whole chain of messages. The cause of fast-check's error is the check's own error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${reasonOf(error.cause)}\n${error.message}`;
}

/**
 * WGSL allows sine and cosine an error of 2⁻¹¹, which is too large for finite differences. No gradient of a
 * training step uses them.
 */
const COARSE: Readonly<Record<string, readonly string[]>> = { webgpu: ["sin", "cos"] };

async function checkAll(): Promise<void> {
  const { blockSize: _, ...dialect } = await dialectOf({ provider });
  for (const [name, entry] of ENTRIES.filter(([name]) => only.length === 0 || only.includes(name))) {
    const isCoarse = COARSE[provider]?.includes(name) ?? false;
    const options = { ...dialect, provider, ...(isCoarse && { absolute: 2 ** -11 }) };
    const checked = checkEntry(isCoarse ? { ...entry, stopsGradient: true } : entry, runs, options);
    await post({ type: "entry", name, failure: await checked.then(() => null, reasonOf) });
  }
}

try {
  await requireProvider(provider);
  await checkAll();
  await post({ type: "done" });
} catch (error) {
  await post({ type: "refused", reason: reasonOf(error) });
}
