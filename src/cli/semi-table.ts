/** The scores with few labels, one line for each amount. */
import { type FewLabelsRow, WAYS } from "../jobs/few-labels/few-labels-row.ts";
import { formatCount, formatShare } from "./format.ts";
import { textTable } from "./table.ts";

const NAMES = {
  fineTuned: "fine-tuned",
  scratch: "from scratch",
  linear: "linear probe",
  knn: "kNN",
} as const;

export function semiTable(rows: readonly FewLabelsRow[]): string[] {
  const head = ["labels", "pictures", "epochs", ...WAYS.map((way) => NAMES[way])];
  const lines = rows.map(({ amount, pictures, epochs, scores }) => [
    amount,
    formatCount(pictures),
    `${epochs}`,
    ...WAYS.map((way) => formatShare(scores[way].value, scores[way].standardError)),
  ]);
  return [textTable([head, ...lines], { right: [1, 2, 3, 4, 5, 6] }), ""];
}
