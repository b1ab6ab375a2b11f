/** The two layouts of a picture, and the ways between them that cost nothing because the other is there already. */
import { expandOperator, reshape } from "../ops/movement.ts";
import { apply1, type Shape, sameShape, type Tensor } from "../tensor.ts";
import { fromBlocksOperator, toBlocksOperator } from "./block-operators.ts";

type Picture = readonly [b: number, c: number, h: number, w: number];

export class BlockLayout {
  /** Channels in a block. */
  readonly n: number;
  readonly #blocks = new Map<Tensor, Tensor>();
  readonly #made = new Map<Tensor, Tensor>();

  constructor(n: number) {
    this.n = n;
  }

  /** Whether channels of this number fill whole blocks. */
  fits(channels: number): boolean {
    return channels % this.n === 0;
  }

  /** The blocks behind a plain tensor that was made from them. */
  behind(x: Tensor): Tensor | null {
    return x.node.operator.name === fromBlocksOperator.name ? (x.node.inputs[0] ?? null) : null;
  }

  /** What `make` makes of `x`, made once. */
  once(x: Tensor, make: () => Tensor): Tensor {
    const known = this.#made.get(x);
    if (known !== undefined) return known;
    const made = make();
    this.#made.set(x, made);
    return made;
  }

  /** `[B, C, H, W]` as `[B, C/n, H, W, n]`. */
  toBlocks(x: Tensor): Tensor {
    const known = this.behind(x) ?? this.#blocks.get(x);
    if (known !== undefined) return known;
    const made = apply1(toBlocksOperator, [x], this.n);
    this.#blocks.set(x, made);
    return made;
  }

  /** `[B, C/n, H, W, n]` as `[B, C, H, W]`. */
  fromBlocks(x: Tensor): Tensor {
    return apply1(fromBlocksOperator, [x], null);
  }

  /**
   * An operand of a pointwise operator whose result is the picture `shape`, so that it broadcasts to blocks; null where
   * it would have to be turned as a whole without need.
   */
  operand(x: Tensor, shape: Picture): Tensor | null {
    if (x.dtype !== "float32" || x.rank > 4) return null;
    const blocks = this.behind(x);
    if (blocks !== null && sameShape(x.shape, shape)) return blocks;
    if (sameShape(x.shape, shape)) {
      const { operator, inputs } = x.node;
      // What was spread over the picture is spread by the operator itself.
      const source = operator.name === expandOperator.name ? this.operand(inputs[0]!, shape) : null;
      return source ?? this.toBlocks(x);
    }
    const [b, c, h, w] = [...new Array<number>(4 - x.rank).fill(1), ...x.shape] as unknown as Picture;
    if (c === 1) return reshape(x, [b, 1, h, w, 1]);
    return h === 1 && w === 1 ? reshape(x, [b, c / this.n, 1, 1, this.n]) : null;
  }
}

export function asPicture(shape: Shape): Picture | null {
  return shape.length === 4 ? (shape as unknown as Picture) : null;
}
