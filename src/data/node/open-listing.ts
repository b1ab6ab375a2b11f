import { AfterimageError } from "../../errors.ts";
import { makeDataset, type PictureDataset } from "../picture-dataset.ts";
import { buildCache } from "./cache-build.ts";
import { cacheRoot } from "./cache-place.ts";
import { type CachePlan, DEFAULT_BUDGET_BYTES, planCache } from "./cache-plan.ts";
import { type OpenCache, openFinished } from "./cache-reader.ts";
import type { ClassTable } from "./classes.ts";
import { type Listing, listingNotes, missingLabels } from "./listing.ts";
import type { OpenOptions } from "./open-options.ts";

/**
 * Opens the pictures of a listing through their packed cache, which is built first where there is none.
 *
 * @throws AfterimageError what building and reading the cache throw.
 */
export async function openListing(
  listing: Listing,
  classes: ClassTable | null,
  options: OpenOptions,
): Promise<PictureDataset> {
  const { canvas, budgetBytes = DEFAULT_BUDGET_BYTES } = options;
  const plan = planCache(listing, canvas, budgetBytes, cacheRoot(options.cacheDir), options.background);
  const { index, access } = await openOrBuild(plan, listing, options);
  const { names, heights, widths, fingerprint, findings } = index;
  const labels = classes && Int32Array.from(index.entries, (entry) => classes.labels[entry]!);
  const unseen = listing.skipped.map(({ path, reason }) => ({ path, reason }));
  const skipped = [...unseen, ...index.skipped];
  const classNames = classes?.names ?? null;
  const told = { notes: listingNotes(listing), unlabelled: classes === null ? missingLabels(listing) : null };
  const described = {
    canvas,
    names,
    labels,
    classNames,
    heights,
    widths,
    fingerprint,
    skipped,
    findings,
    ...told,
  };
  return makeDataset(described, access);
}

async function openOrBuild(plan: CachePlan, listing: Listing, options: OpenOptions): Promise<OpenCache> {
  const ready = await openFinished(plan);
  if (ready !== null) return ready;
  await buildCache(plan, listing, options);
  const built = await openFinished(plan);
  if (built !== null) return built;
  throw new AfterimageError("data/cache", {
    what: "the picture cache was removed while it was opened",
    where: plan.root,
    todo: "Run the same command again.",
  });
}
