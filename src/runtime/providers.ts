/** Lists execution providers, and tests whether one works here. */
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";
import { compile, input, neg } from "../tensor/index.ts";
import { createSession, supportedProviders } from "./session.ts";

/**
 * Checks that a provider works on this machine.
 *
 * @throws AfterimageError `runtime/provider` naming the providers that the runtime was built with.
 */
export async function requireProvider(provider: string): Promise<void> {
  const supported = supportedProviders();
  if (!supported.some(({ name }) => name === provider))
    throw refused(provider, "a name that this build of ONNX Runtime does not know");
  try {
    const session = await createSession(compile({ y: neg(input("x", [1])) }), { provider, threads: 1 });
    await session.run({ x: Float32Array.of(1) });
    await session.release();
  } catch (cause) {
    throw refused(provider, reasonOf(cause), cause);
  }
}

function refused(provider: string, got: string, cause?: unknown): AfterimageError {
  const names = (bundled: boolean) =>
    supportedProviders()
      .filter((candidate) => candidate.bundled === bundled)
      .map(({ name }) => name)
      .join(", ");
  const others = names(false);
  return new AfterimageError(
    "runtime/provider",
    {
      what: `the provider ${provider} cannot be used`,
      where: optionName("provider"),
      expected: `one of ${names(true)}${others === "" ? "" : `, or with additional libraries ${others}`}`,
      got,
    },
    { cause },
  );
}

/** The runtime's own reason, without its source file and function names. */
function reasonOf(cause: unknown): string {
  const evidence = cause instanceof AfterimageError ? (cause.evidence.got ?? cause.message) : String(cause);
  return evidence
    .split("\n")[0]!
    .replace(/^\S+\.cc:\d+ (?:.* was false\.|.*?\)) /, "")
    .slice(0, 200);
}
