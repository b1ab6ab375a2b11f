/** A method to begin with, chosen by measurements (docs/quality.md, docs/choosing.md). */
export interface Recommendation {
  method: string;
  /** When to choose it. */
  when: string;
}

/** The first is the one to begin with. */
export const RECOMMENDATIONS: readonly Recommendation[] = [
  { method: "simclr", when: "to begin with: the best kNN in a few minutes of training, and the default" },
  { method: "moco-v2", when: "when memory allows only small batches: its negatives come from a queue" },
  { method: "vicreg", when: "without negatives: many pictures of the same thing do not repel each other" },
  {
    method: "mae",
    when: "to train a vision transformer: it computes only the visible patches, so it is fast",
  },
];
