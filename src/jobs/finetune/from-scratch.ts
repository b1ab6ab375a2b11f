import type { RunConfig } from "../../train/run-config.ts";

/**
 * The same recipe without what only a trained encoder needs: all layers learn, at one rate, and the
 * classifier does not learn first.
 */
export function fromScratch(config: RunConfig): RunConfig {
  const settings = { ...config.method.settings, freeze: 0, layerDecay: 1, backboneRate: 1, headEpochs: 0 };
  const method = { ...config.method, settings };
  if (config.labels === undefined) return { ...config, method };
  const { from: _, ...labels } = config.labels;
  return { ...config, method, labels };
}
