/**
 * Steps in a separate process, because a broken driver may end it or hang. With a provider as argument it
 * prints whether that provider works here. With a step's name and a number of steps too, it prints their
 * losses.
 */
import { AfterimageError } from "../../src/errors.ts";
import { dialectOf } from "../../src/runtime/dialect.ts";
import { requireProvider } from "../../src/runtime/providers.ts";
import { native, SMALL_STEP_CASES, stepLosses } from "./step-losses.ts";

const [provider = "", name, steps] = process.argv.slice(2);

async function answer(): Promise<object> {
  await requireProvider(provider);
  if (name === undefined) return {};
  const load = native({ provider, threads: 1 });
  return {
    losses: await stepLosses(SMALL_STEP_CASES[name]!, await dialectOf({ provider }), load, Number(steps)),
  };
}

const say = (what: object) => process.stdout.write(JSON.stringify(what));

try {
  say(await answer());
} catch (error) {
  if (!(error instanceof AfterimageError && error.code === "runtime/provider")) throw error;
  say({ refused: error.message });
}
