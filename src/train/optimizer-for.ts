/** Optimisers by name, with the settings that the methods' authors share. */
import { adamw } from "../optim/adamw.ts";
import { larc } from "../optim/larc.ts";
import { lars } from "../optim/lars.ts";
import { muon } from "../optim/muon.ts";
import type { OptimizerRule } from "../optim/optimizer.ts";
import { sgd } from "../optim/sgd.ts";
import type { TrainingConfig } from "./run-config.ts";

export function optimizerFor({
  optimizer,
  nesterov,
  rateInMomentum,
  beta2,
}: Pick<TrainingConfig, "optimizer" | "nesterov" | "rateInMomentum" | "beta2">): OptimizerRule {
  switch (optimizer) {
    case "sgd":
      return sgd({ momentum: 0.9, nesterov });
    case "lars":
      return lars({ momentum: 0.9, eta: 1e-3, nesterov, rateInMomentum });
    case "larc":
      return larc({ momentum: 0.9, eta: 1e-3 });
    case "adamw":
      return adamw({ beta2 });
    case "muon":
      return muon({ beta2 });
  }
}
