import type * as z from "zod";
import type { Backbone, Family } from "./backbone.ts";
import type { BackboneOptions, FreeBackboneOptions } from "./backbone-options.ts";

/** A line of the table of backbones: everything about one kind of backbone. */
export interface BackboneEntry {
  name: string;
  family: Family;
  summary: string;
  paper: string;
  /**
   * Its options, in addition to the size of the pictures: the meaning and the values of each. Other options
   * are refused.
   */
  options: z.ZodObject;
  /** Of a backbone of the user's own: the module that adds it. */
  module?: string;
  /** @throws AfterimageError `usage/value` for options that do not fit. */
  make(options: BackboneOptions): Backbone;
  /**
   * The backbone that had this name and these settings in a run.
   *
   * @throws AfterimageError `usage/value` for settings that are not of this backbone.
   */
  restore(name: string, settings: Backbone["settings"]): Backbone;
  /**
   * All of its options, with the values for which {@link make} gives these settings.
   *
   * @throws AfterimageError `usage/value` for settings that are not of this backbone.
   */
  optionsOf(settings: Backbone["settings"]): FreeBackboneOptions;
}
