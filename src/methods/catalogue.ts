/** The list of methods. A new method touches its own file, its recipe and this list. */
import type { CatalogueMethod } from "../objectives/method.ts";
import { barlowTwins } from "./barlow-twins.ts";
import { byol } from "./byol.ts";
import { cmc } from "./cmc.ts";
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
import { rotnet } from "./rotnet.ts";
import { simclr } from "./simclr.ts";
import { simclrV2 } from "./simclr-v2.ts";
import { simmim } from "./simmim.ts";
import { simsiam } from "./simsiam.ts";
import { swav } from "./swav.ts";
import { vicreg } from "./vicreg.ts";

/** All methods of pre-training, by kind. */
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
