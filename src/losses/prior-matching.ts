import { add, mean, neg, softplus, type Tensor } from "../tensor/index.ts";

/*
 * Prior matching by a discriminator. Representations are trained to look like samples of a prior: in Deep
 * InfoMax the uniform distribution on [0, 1)ᴰ (representations go through a sigmoid). Both losses take the
 * discriminator's logits: above 0 for "prior".
 */

/**
 * What the discriminator minimises, a scalar in nats: -mean log σ(prior) - mean log(1 - σ(representations)).
 * A discriminator that cannot distinguish the two has 2·ln 2.
 *
 * Source: Deep InfoMax, arXiv 1808.06670, equation 7; `cortex_DIM/models/discriminator.py` in the authors'
 * DIM with measure `GAN`, without the gradient penalty.
 *
 * @param priorLogits of samples of the prior, any shape.
 * @param representationLogits of representations, any shape. Put `stopGradient` on the representations, so
 * that the encoder does not learn from this.
 */
export function priorDiscriminatorLoss(priorLogits: Tensor, representationLogits: Tensor): Tensor {
  return add(mean(softplus(neg(priorLogits))), mean(softplus(representationLogits)));
}

/**
 * What the encoder minimises, a scalar in nats: -mean log σ(representations), the form that does not
 * saturate. A discriminator that cannot distinguish the two gives ln 2.
 *
 * Source: `generator_loss` (`non-saturating`) in the authors' `cortex_DIM/functions/gan_losses.py`, which
 * `cortex_DIM/models/prior_matching.py` takes. Equation 7 of the paper has mean log(1 - σ) instead.
 *
 * @param representationLogits of representations, any shape. The discriminator's weights must not learn from
 * this.
 */
export function priorEncoderLoss(representationLogits: Tensor): Tensor {
  return mean(softplus(neg(representationLogits)));
}
