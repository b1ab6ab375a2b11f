/** Everything that can be run, in the order of running. */
import { findMethod, METHODS } from "afterimage/methods";
import { BASELINES } from "./baselines.ts";
import type { Contestant } from "./contestant.ts";
import { lightlyPeer } from "./lightly-peer.ts";
import { LIGHTLY_METHODS } from "./peer-list.ts";
import { familyOf } from "./recipe.ts";
import { trainEncoder } from "./train-encoder.ts";
import { VARIANTS } from "./variants.ts";

const methods = METHODS.map(
  (method): Contestant => ({
    ...{ name: method.name, title: method.title, group: "method", of: null, seeds: "all" },
    run: (task) => trainEncoder({ method, family: familyOf(method) }, task),
  }),
);

const variants = VARIANTS.map((variant): Contestant => {
  const method = findMethod(variant.method);
  const { name, settings } = variant;
  return {
    ...{ name, title: `${method.title} without ${variant.without}`, group: "variant" },
    ...{ of: method.name, seeds: "first" },
    run: (task) => trainEncoder({ method, family: familyOf(method), settings }, task),
  };
});

const peers = METHODS.filter(({ name }) => LIGHTLY_METHODS.includes(name)).map(lightlyPeer);

export const CONTESTANTS: readonly Contestant[] = [...BASELINES, ...methods, ...peers, ...variants];
