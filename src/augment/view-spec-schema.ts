import * as z from "zod";
import { viewFault } from "./check-view-spec.ts";
import type { ViewSpec } from "./view-spec.ts";

/** {@link ViewSpec} for reading one from a configuration, in a schema of zod. */
export const viewSpecSchema: z.ZodType<ViewSpec> = z.custom<ViewSpec>().superRefine((value, context) => {
  const fault = viewFault(value);
  if (fault === null) return;
  context.addIssue({ code: "custom", path: [...fault.path], message: `expected ${fault.expected}` });
});
