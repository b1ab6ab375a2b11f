/**
 * Pairs of Gaussian vectors of known mutual information. Each x is N(0, 1), and y = ρ·x + √(1 - ρ²)·ε, number
 * by number. Then I(x; y) = -(d/2)·ln(1 - ρ²) nats.
 *
 * As in MINE (arXiv 1801.04062, section 4.1) and in Poole et al. 2019 (arXiv 1905.06922, section 4).
 */
import type { RandomStream } from "afterimage/random";

export interface Pairs {
  /** `[count, dims]`, row-major. */
  x: Float32Array;
  /** `[count, dims]`; row i belongs to row i of x. */
  y: Float32Array;
}

export interface PairShape {
  count: number;
  dims: number;
  correlation: number;
}

export function gaussianPairs({ count, dims, correlation }: PairShape, random: RandomStream): Pairs {
  const x = random.fillNormal(new Float32Array(count * dims));
  const noise = random.fillNormal(new Float32Array(count * dims));
  const rest = Math.sqrt(1 - correlation ** 2);
  return { x, y: x.map((value, at) => correlation * value + rest * noise[at]!) };
}

/** The correlation ρ in [0, 1) at which `dims` numbers share this many nats. */
export function correlationOf(information: number, dims: number): number {
  return Math.sqrt(-Math.expm1((-2 * information) / dims));
}

/**
 * The scores of the best critic, `[count, count]`: u[i, j] = ln( p(x_i, y_j) / (p(x_i) p(y_j)) ), which for
 * one number is -½·ln(1 - ρ²) - (ρ²x² + ρ²y² - 2ρxy) / (2(1 - ρ²)).
 */
export function exactScores({ x, y }: Pairs, { count, dims, correlation: rho }: PairShape): Float32Array {
  const constant = -0.5 * dims * Math.log1p(-(rho ** 2));
  const scores = new Float32Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      let exponent = 0;
      for (let d = 0; d < dims; d++) {
        const [a, b] = [x[i * dims + d]!, y[j * dims + d]!];
        exponent += (rho ** 2 * (a ** 2 + b ** 2) - 2 * rho * a * b) / (2 * (1 - rho ** 2));
      }
      scores[i * count + j] = constant - exponent;
    }
  }
  return scores;
}
