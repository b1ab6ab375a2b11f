/** Finds the network among the tensors of a file, which may hold several and much else. */
import { AfterimageError } from "../errors.ts";
import { optionName } from "../options/option-name.ts";
import { firstFew } from "./first-few.ts";
import type { Naming } from "./naming.ts";
import { huggingFaceResnet } from "./namings/hugging-face-resnet.ts";
import { huggingFaceVit } from "./namings/hugging-face-vit.ts";
import { numberedResnet } from "./namings/numbered-resnet.ts";
import { timmVit } from "./namings/timm-vit.ts";
import { torchvisionResnet } from "./namings/torchvision-resnet.ts";
import { torchvisionVit } from "./namings/torchvision-vit.ts";
import type { WeightSource } from "./weight-source.ts";

const NAMINGS: readonly Naming[] = [
  timmVit,
  huggingFaceVit,
  torchvisionVit,
  torchvisionResnet,
  huggingFaceResnet,
  numberedResnet,
];

/**
 * Of two networks in one file, the one that its authors evaluate. The names are parts of prefixes.
 *
 * - DINO, DINOv2, iBOT: the teacher (facebookresearch/dino `eval_knn.py`, `checkpoint_key`).
 * - MoCo, MoCo v3: the encoder of queries (facebookresearch/moco `main_lincls.py`).
 * - I-JEPA: the target encoder (Assran et al. 2023, arXiv 2301.08243, appendix A.1).
 * - solo-learn, lightly: the backbone that learns by gradient.
 */
const PREFERENCES: readonly (readonly [first: string, second: string])[] = [
  ["teacher", "student"],
  ["teacher_backbone", "student_backbone"],
  ["encoder_q", "encoder_k"],
  ["base_encoder", "momentum_encoder"],
  ["target_encoder", "encoder"],
  ["backbone", "momentum_backbone"],
  ["backbone", "backbone_momentum"],
];

export interface FoundNetwork {
  naming: Naming;
  /** What precedes the names of all its tensors: `teacher.module.backbone.`, or nothing. */
  prefix: string;
}

/**
 * @param part a key of the file, or several joined by points, where the network is.
 * @throws AfterimageError `weights/unknown` for no network whose names are known, or several.
 */
export function findNetwork({ tensors, where }: WeightSource, part?: string): FoundNetwork {
  const all = [...tensors.keys()].flatMap((name) => NAMINGS.flatMap((naming) => foundAt(naming, name)));
  const asked = part === undefined ? all : all.filter(({ prefix }) => hasPart(prefix, part));
  const wanted = asked.filter((one) => !asked.some((other) => isPreferred(other, one)));
  if (wanted.length === 1) return wanted[0]!;
  if (all.length === 0) throw unknownNetwork(where, [...tensors.keys()]);
  const places = firstFew((asked.length === 0 ? all : asked).map(({ prefix }) => prefix || "the top"));
  throw new AfterimageError("weights/unknown", {
    what:
      asked.length === 0 ? "there is no network in this part of the file" : "the file holds several networks",
    where,
    ...(part !== undefined && { expected: `one in ${part}` }),
    got: `networks in ${places}`,
    todo: `Choose one by ${optionName("part")}.`,
  });
}

function foundAt(naming: Naming, name: string): FoundNetwork[] {
  if (!name.endsWith(naming.anchor)) return [];
  const prefix = name.slice(0, name.length - naming.anchor.length);
  return prefix === "" || prefix.endsWith(".") ? [{ naming, prefix }] : [];
}

function hasPart(prefix: string, part: string): boolean {
  return `.${prefix}`.includes(`.${part}.`);
}

/** Whether the first of two networks is the one that is evaluated. */
function isPreferred(one: FoundNetwork, other: FoundNetwork): boolean {
  return PREFERENCES.some(
    ([first, second]) =>
      hasPart(one.prefix, first) && hasPart(other.prefix, second) && !hasPart(other.prefix, first),
  );
}

function unknownNetwork(where: string, names: readonly string[]): AfterimageError {
  return new AfterimageError("weights/unknown", {
    what: "these are the weights of no network that is known here",
    where,
    expected: "a vision transformer or a ResNet in the names of timm, torchvision or Hugging Face",
    got: names.length === 0 ? "no tensors" : `tensors such as ${firstFew(names)}`,
  });
}
