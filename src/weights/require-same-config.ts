import { AfterimageError } from "../errors.ts";
import { configSide, configText } from "./config-values.ts";
import type { NetworkRequest } from "./network-request.ts";

/** Activations of an MLP, by transformers' names, that are ours. */
const ACTIVATIONS = ["gelu", "gelu_python", "relu"];

/**
 * Holds what Hugging Face's configuration says against what the weights have.
 *
 * @param known values by the names of the configuration; those that it leaves out are not compared.
 * @throws AfterimageError `weights/misfit` for the first that differs.
 */
export function requireSameConfig(
  { evidence: { config, naming }, where }: NetworkRequest,
  known: Readonly<Record<string, number | boolean | string | readonly number[]>>,
): void {
  if (config === null || naming.whose !== "Hugging Face") return;
  for (const [key, value] of Object.entries(known)) {
    const said = typeof value === "number" ? (configSide(config, key) ?? config[key]) : config[key];
    if (said === undefined || said === null || `${said}` === `${value}`) continue;
    throw contradiction(where, key, `${value}`, JSON.stringify(config[key]));
  }
  const activation = configText(config, "hidden_act");
  const wanted = naming.network === "vit" ? ACTIVATIONS.slice(0, 2) : ACTIVATIONS.slice(2);
  if (activation !== undefined && !wanted.includes(activation))
    throw contradiction(where, "hidden_act", wanted[0]!, activation);
}

function contradiction(where: string, key: string, expected: string, got: string): AfterimageError {
  return new AfterimageError("weights/misfit", {
    what: "the configuration contradicts the weights, or asks for what is not known here",
    where: `${where}, config.json, ${key}`,
    expected,
    got,
  });
}
