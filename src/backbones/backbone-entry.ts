import type { z } from "zod";
import type { Backbone, Family } from "./backbone.ts";
import type { BackboneOptions, FreeBackboneOptions } from "./backbone-options.ts";

/** A line of the table of backbones: everything that is known of a kind of them. */
export interface BackboneEntry {
  name: string;
  family: Family;
  summary: string;
  paper: string;
  /** Its options, in addition to the size of the pictures: what each is and takes. Other options are refused. */
  options: z.ZodObject;
  /** Of a backbone of the user's own: the module that adds it. */
  module?: string;
  /** @throws AfterimageError `usage/value` for options that do not fit. */
  make(options: BackboneOptions): Backbone;
  /**
   * The backbone that carried this name and these settings in a run.
   *
   * @throws AfterimageError `usage/value` for settings that are none of it.
   */
  restore(name: string, settings: Backbone["settings"]): Backbone;
  /**
   * All of its options, with the values by which {@link make} gives these settings again.
   *
   * @throws AfterimageError `usage/value` for settings that are none of it.
   */
  optionsOf(settings: Backbone["settings"]): FreeBackboneOptions;
}
