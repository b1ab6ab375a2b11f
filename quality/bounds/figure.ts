import { GREY, INK } from "afterimage/drawing";
import { linePlot, PALETTE } from "../../demo/plot.ts";
import type { BoundsFile } from "./bounds-file.ts";
import { BOUND_LINES, type BoundPoint, pointsOf } from "./summary.ts";

/** The palette's last colour is too much like its first, and the two lines are near each other. */
const COLOURS = [...PALETTE.slice(0, BOUND_LINES.length - 1), "#7f4f24"];

/** Estimates against the truth, and how far those of single batches vary, as an SVG. */
export function boundsFigure({ estimates, settings }: BoundsFile): string {
  const lines = BOUND_LINES.map((line, at) => ({
    ...line,
    colour: COLOURS[at]!,
    points: pointsOf(line, estimates),
  }));
  const end = Math.max(...lines.flatMap(({ points }) => points.map(({ information }) => information)));
  const seriesOf = (read: (point: BoundPoint) => number) =>
    lines.map(({ name, colour, points }) => ({
      name,
      colour,
      points: points.map((point) => ({ x: point.information, y: read(point) })),
    }));
  const truth = { name: "truth", colour: INK, points: [0, end].map((nats) => ({ x: nats, y: nats })) };
  const ceilings = lines
    .filter(({ bound }) => bound === "info-nce")
    .map(({ batch, colour }) => ({ name: `ln ${batch}`, y: Math.log(batch), colour }));
  const limit = { name: "2 ln 2", y: 2 * Math.LN2, colour: GREY };
  return linePlot({
    title: "Three bounds on mutual information, and the truth",
    subtitle: `Critics trained on pairs of Gaussians of ${settings.dims} numbers. Batches of 64 pairs where no N is given.`,
    xLabel: "nats that x and y share",
    panels: [
      {
        title: "Estimate, nats: the mean over batches",
        series: [truth, ...seriesOf((point) => point.mean)],
        levels: [...ceilings, limit],
        range: [0, Math.ceil(Math.max(...lines.flatMap(({ points }) => points.map((point) => point.mean))))],
      },
      {
        title: "Standard deviation of the estimate from batch to batch, nats",
        series: seriesOf((point) => point.deviation),
      },
    ],
    panelHeight: 300,
  });
}
