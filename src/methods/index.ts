/** The list of methods. A new method touches its own file, its recipe and this list. */
import { AfterimageError } from "../errors.ts";
import type { CatalogueMethod, Method } from "../objectives/method.ts";
import { barlowTwins } from "./barlow-twins.ts";
import { byol } from "./byol.ts";
import { cmc } from "./cmc.ts";
import { type CompleteMethod, completeMethod } from "./complete-method.ts";
import { cpc } from "./cpc.ts";
import { dim } from "./dim.ts";
import { dino } from "./dino.ts";
import { dinov2 } from "./dinov2.ts";
import { ibot } from "./ibot.ts";
import { ijepa } from "./ijepa.ts";
import { instdisc } from "./instdisc.ts";
import { invaspread } from "./invaspread.ts";
import { jigsaw } from "./jigsaw.ts";
import { mae } from "./mae.ts";
import { mocoV1, mocoV2 } from "./moco.ts";
import { mocoV3 } from "./moco-v3.ts";
import { nnclr } from "./nnclr.ts";
import { keepMethod, ownMethod, ownMethodNames } from "./own-methods.ts";
import { rotnet } from "./rotnet.ts";
import { simclr } from "./simclr.ts";
import { simclrV2 } from "./simclr-v2.ts";
import { simmim } from "./simmim.ts";
import { simsiam } from "./simsiam.ts";
import { swav } from "./swav.ts";
import { vicreg } from "./vicreg.ts";

/** All methods, by kind. */
export const METHODS: readonly CatalogueMethod[] = [
  // instance discrimination and other pretext tasks
  instdisc,
  invaspread,
  cpc,
  cmc,
  dim,
  rotnet,
  jigsaw,
  // many negatives, and clusters
  mocoV1,
  simclr,
  mocoV2,
  simclrV2,
  swav,
  // no negatives
  byol,
  simsiam,
  // transformers
  mocoV3,
  dino,
  mae,
  simmim,
  // later methods
  barlowTwins,
  vicreg,
  nnclr,
  ibot,
  dinov2,
  ijepa,
];

/**
 * Makes a method of your own known by its name in this process, so that its runs can be resumed, evaluated,
 * exported and used for embedding. `pretrain({ method })` does so too. A process that only uses such a run
 * calls this first. The command line needs a module that calls it: `NODE_OPTIONS="--import ./my-method.mjs"`.
 *
 * @throws AfterimageError `usage/value` for the name of a method of the catalogue.
 */
export function addMethod<S extends object>(method: Method<S>): void {
  keepMethod(
    method as unknown as Method,
    METHODS.map(({ name }) => name),
  );
}

/** Names of all methods that are known in this process. */
export function knownMethods(): string[] {
  return [...METHODS.map(({ name }) => name), ...ownMethodNames()];
}

/**
 * The method called `name`, of the catalogue or of your own, with every default filled in.
 *
 * @throws AfterimageError `usage/value` for an unknown name.
 */
export function findMethod(name: string): CompleteMethod {
  const method = METHODS.find((candidate) => candidate.name === name) ?? ownMethod(name);
  if (method !== undefined) return completeMethod(method);
  throw new AfterimageError("usage/value", {
    what: "there is no such method",
    expected: `one of ${knownMethods().join(", ")}`,
    got: name,
  });
}

export * from "../objectives/index.ts";
export { type CompleteMethod, completeMethod } from "./complete-method.ts";
export {
  barlowTwins,
  byol,
  cmc,
  cpc,
  dim,
  dino,
  dinov2,
  ibot,
  ijepa,
  instdisc,
  invaspread,
  jigsaw,
  mae,
  mocoV1,
  mocoV2,
  mocoV3,
  nnclr,
  rotnet,
  simclr,
  simclrV2,
  simmim,
  simsiam,
  swav,
  vicreg,
};
