/** Perplexity and time against vocabulary, as an SVG. */
import { linePlot, PALETTE } from "../../demo/plot.ts";
import type { TextResult } from "./result.ts";
import { WAYS } from "./ways.ts";

/** A pure function from results to a picture. */
export function plotOf(results: readonly TextResult[]): string {
  const seriesOf = (value: (result: TextResult) => number, isDrawn: (result: TextResult) => boolean) =>
    WAYS.map(({ name, title }, i) => ({
      name: title,
      colour: i === 0 ? "#6f6f6f" : PALETTE[i - 1]!,
      points: results
        .filter((result) => result.way === name && isDrawn(result))
        .sort((a, b) => a.vocabulary - b.vocabulary)
        .map((result) => ({ x: result.vocabulary / 1000, y: value(result) })),
    })).filter(({ points }) => points.length > 0);
  return linePlot({
    title: "n-gram models of the State of the Union addresses",
    subtitle: "perplexity of the last tenth by time, and seconds of one core for an epoch, against V",
    xLabel: "thousand words of the vocabulary",
    panels: [
      {
        title: "perplexity",
        series: seriesOf(
          ({ perplexity }) => perplexity,
          () => true,
        ),
      },
      {
        title: "seconds of an epoch",
        range: [0, Math.max(1, ...results.map(({ seconds }) => 1.05 * seconds.processor))],
        series: seriesOf(
          ({ seconds }) => seconds.processor,
          ({ steps }) => steps !== null,
        ),
      },
    ],
  });
}
