/** Settings of a method and of its training, from `--set key=value` or a configuration file. */
import { AfterimageError } from "../errors.ts";
import { suggestion } from "../options/nearest-word.ts";

/** Values by key: of the method's settings, and of the training's. */
export interface Overrides {
  settings: Record<string, unknown>;
  training: Record<string, unknown>;
}

const TRAINING = "training.";

/**
 * Reads `temperature=0.1` or `training.learningRate=0.5` on top of what was set before. A value is read as
 * JSON if possible, otherwise as a text.
 *
 * @throws AfterimageError `usage/value` when there is no key or no value.
 */
export function readAssignment(given: string, before: Overrides): Overrides {
  const at = given.indexOf("=");
  const [key, value] = [given.slice(0, Math.max(0, at)).trim(), given.slice(at + 1).trim()];
  if (at < 0 || key === "" || value === "") {
    throw new AfterimageError("usage/value", {
      what: "this is not an assignment",
      where: "--set",
      expected: "key=value, as in temperature=0.1 or training.weightDecay=0.01",
      got: given,
    });
  }
  const { settings, training } = before;
  const name = key.slice(TRAINING.length);
  return key.startsWith(TRAINING)
    ? { settings, training: { ...training, [name]: parseLoosely(value) } }
    : { settings: { ...settings, [key]: parseLoosely(value) }, training };
}

/** @throws AfterimageError `usage/option` that names the first unknown key and the nearest known one. */
export function requireKnownKeys(given: object, known: readonly string[], where: string): void {
  const wrong = Object.keys(given).find((key) => !known.includes(key));
  if (wrong === undefined) return;
  const todo = suggestion(wrong, known);
  throw new AfterimageError("usage/option", {
    what: `"${wrong}" is not known`,
    where,
    expected: `one of ${known.join(", ")}`,
    ...(todo === "" ? {} : { todo }),
  });
}

function parseLoosely(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
