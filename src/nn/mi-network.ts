/**
 * The network that maps parts of a picture to a space in which dot products show whether they belong
 * together.
 */
import { add, relu, sizeOfAxis, type Tensor } from "../tensor/index.ts";
import { fanInUniform, type Initializer, uniform } from "./initializers.ts";
import { batchNorm, layerNorm, linear } from "./layers.ts";
import type { Scope } from "./scope.ts";

/**
 * Rows `[N, I]` to `[N, units]`: a hidden layer of as many units plus a linear shortcut, then a layer norm.
 * For a map, each place is a row, and the layers are 1×1 convolutions. Variables `hidden.weight`,
 * `hidden_norm.…`, `out.weight`, `out.bias`, `shortcut.weight` and `norm.…`. The shortcut starts as the
 * identity with a little noise, if there are enough units.
 *
 * Source: Deep InfoMax, arXiv 1808.06670, appendix A.2; `MI1x1ConvNet` in the authors'
 * `cortex_DIM/nn_modules/mi_networks.py`.
 */
export function miNetwork(scope: Scope, rows: Tensor, units: number): Tensor {
  const hidden = linear(scope.at("hidden"), rows, { out: units, bias: false });
  const active = relu(batchNorm(scope.at("hidden_norm"), hidden));
  const out = linear(scope.at("out"), active, { out: units });
  const inputs = sizeOfAxis(rows, 1, "miNetwork");
  const weightInit = units >= inputs ? nearIdentity : fanInUniform(inputs);
  const shortcut = linear(scope.at("shortcut"), rows, { out: units, bias: false, weightInit });
  return layerNorm(scope.at("norm"), add(out, shortcut), 1e-5);
}

/** `[O, I]`: 1 where output and input have the same index, U(±0.01) elsewhere. */
const nearIdentity: Initializer = (shape, random) => {
  const values = uniform(0.01)(shape, random);
  const inputs = shape[1]!;
  for (let i = 0; i < inputs; i++) values[i * inputs + i] = 1;
  return values;
};
