/** Kinds of settings that many methods have: shares of a picture's area, and other shares. */
import * as z from "zod";

/** Least and largest area of a random crop. */
export const cropScale = z
  .tuple([z.number().positive(), z.number().max(1)])
  .describe("area of the crop, as a share of the picture");

/** Least and largest share. */
export const shares = z.tuple([z.number().positive().max(1), z.number().positive().max(1)]);
