import { PICTURES } from "./pictures-option.ts";
import { FUNCTION, numberWithin, someOf, text, wholeNumber } from "./value-kinds.ts";

export const PROTOCOLS = ["knn", "linear", "retrieval"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What `evaluate` takes, from a program and from the command line. */
export const EVALUATE_RULES = {
  run: text("folder"),
  data: PICTURES,
  protocols: someOf("names", PROTOCOLS),
  k: wholeNumber(1),
  temperature: numberWithin({ above: 0 }),
  testShare: numberWithin({ above: 0, below: 1 }),
  seed: wholeNumber(0),
  threads: wholeNumber(1),
  cacheDir: text("folder"),
  onProgress: FUNCTION,
} as const;
