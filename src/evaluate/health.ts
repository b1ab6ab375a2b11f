/** The health of an embedding while it trains: whether it still tells pictures apart. */
import type { Matrix } from "../data/matrix.ts";
import { AfterimageError } from "../errors.ts";
import { requireFeatures } from "./checks.ts";
import { rankMe } from "./rank-me.ts";

/** A loss this near to its value at collapse (as a share of it) stands on the plateau. */
const PLATEAU = 1e-3;
/** The share of the ideal deviation below which features are all but equal: a mean cosine above 0.9975. */
const LEAST_DEVIATION = 0.05;
const LEAST_RANK = 2;
/** In its first epoch every loss may pass by any value. */
const FIRST_JUDGED_EPOCH = 2;

export interface Health {
  /**
   * Mean over dimensions of the standard deviation of the L2-normalised features (the sample's, with N - 1): 0 when
   * all pictures look alike. Source: Chen and He 2021 (SimSiam, arXiv 2011.10566), figure 2.
   */
  deviation: number;
  /** 1/√D, the deviation of features spread evenly over the sphere. */
  idealDeviation: number;
  /** Effective rank; see {@link rankMe}. */
  rankMe: number;
  /** The highest that `rankMe` could be: min(rows looked at, D). */
  rankLimit: number;
  /** How many rows `rankMe` looked at. */
  rankRows: number;
  /** Mean cosine similarity of two different rows, in [-1, 1]: 1 when all pictures look alike. */
  meanCosine: number;
}

/**
 * Measures features `[N, D]`, N at least 2. Takes about 0.1 s for 4,000 × 256.
 *
 * @throws AfterimageError `evaluate/shape` for fewer than two rows, `evaluate/not-finite` for NaN or infinity.
 */
export function health(features: Matrix): Health {
  requireFeatures("the features", features);
  if (features.rows < 2) {
    throw new AfterimageError("evaluate/shape", {
      what: "one picture has no spread",
      expected: "features of at least two pictures",
      got: "1",
    });
  }
  const rank = rankMe(features);
  return {
    ...spread(features),
    idealDeviation: 1 / Math.sqrt(features.cols),
    rankMe: rank.rankMe,
    rankLimit: rank.limit,
    rankRows: rank.rows,
  };
}

function spread({ rows, cols, data }: Matrix): Pick<Health, "deviation" | "meanCosine"> {
  const sums = new Float64Array(cols);
  const squares = new Float64Array(cols);
  for (let start = 0; start < data.length; start += cols) {
    let norm = 0;
    for (let col = 0; col < cols; col++) norm += data[start + col]! ** 2;
    const scale = 1 / Math.max(Math.sqrt(norm), 1e-12);
    for (let col = 0; col < cols; col++) {
      const value = data[start + col]! * scale;
      sums[col]! += value;
      squares[col]! += value * value;
    }
  }
  let [deviation, sumSquared, ownSquared] = [0, 0, 0];
  for (let col = 0; col < cols; col++) {
    const [sum, square] = [sums[col]!, squares[col]!];
    deviation += Math.sqrt(Math.max(0, square - (sum * sum) / rows) / (rows - 1)) / cols;
    sumSquared += sum * sum;
    ownSquared += square;
  }
  // |Σz|² is the sum of all cosines, those of rows with themselves included.
  return { deviation, meanCosine: (sumSquared - ownSquared) / (rows * (rows - 1)) };
}

export interface CollapseEvidence {
  /** Mean loss of the epoch. */
  loss: number;
  /** What the loss is once every picture gets the same output: ln K, ln(2B - 1), …; null where that is unknown. */
  lossAtCollapse: number | null;
  health: Pick<Health, "deviation" | "idealDeviation" | "rankMe">;
  /** Epochs done. Nothing is said before the second. */
  epoch: number;
  /** What to change, where the method knows better than the general advice. */
  advice?: string;
}

const ADVICE =
  "Lower the learning rate or lengthen its warm-up; with a momentum teacher, lower the teacher's temperature " +
  "(sharper targets) or raise its momentum; with negatives, use a larger batch";

/**
 * A plain sentence when training looks collapsed, and what to change; null when it does not. Two signs are looked at:
 * the loss standing at the value of equal outputs, as the 8.3178 = ln 4096 that users of DINO report for days on end
 * (facebookresearch/dino issues 43 and 273), and features that hardly differ from picture to picture.
 */
export function collapseWarning(evidence: CollapseEvidence): string | null {
  const { epoch, advice = ADVICE } = evidence;
  if (epoch < FIRST_JUDGED_EPOCH) return null;
  const signs = [plateauSign(evidence), embeddingSign(evidence.health)].filter((sign) => sign !== null);
  return signs.length === 0
    ? null
    : `After ${epoch} epochs ${signs.join(", and ")}: this is collapse. ${advice}.`;
}

function plateauSign({ loss, lossAtCollapse }: CollapseEvidence): string | null {
  if (lossAtCollapse === null || Math.abs(loss - lossAtCollapse) > PLATEAU * Math.abs(lossAtCollapse))
    return null;
  const outputs = Math.round(Math.exp(lossAtCollapse));
  const isLogarithm = outputs > 1 && Math.abs(Math.log(outputs) - lossAtCollapse) < 1e-9;
  const value = isLogarithm ? `ln ${outputs} = ${lossAtCollapse.toFixed(4)}` : lossAtCollapse.toFixed(4);
  return `the loss is ${loss.toFixed(4)}, what it is when every picture gets the same output (${value})`;
}

function embeddingSign({
  deviation,
  idealDeviation,
  rankMe: rank,
}: CollapseEvidence["health"]): string | null {
  const [seen, ideal] = [deviation.toPrecision(2), idealDeviation.toPrecision(2)];
  if (deviation < LEAST_DEVIATION * idealDeviation) {
    return `the features of different pictures are almost equal (deviation ${seen} where ${ideal} is ideal)`;
  }
  if (rank < LEAST_RANK) return `the features lie along one direction (effective rank ${rank.toFixed(1)})`;
  return null;
}
