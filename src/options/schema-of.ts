import * as z from "zod";

/** `true` where two types are the same, optional members and `readonly` included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The members of a type in one object type, with those of all interfaces that it extends. */
type Flat<T> = { [K in keyof T]: T[K] };

type Infers<S extends z.core.$ZodShape> = Flat<z.infer<z.ZodObject<S, z.core.$strict>>>;

/**
 * The schema of options whose type is written by hand. An editor then shows the meaning of each option, which
 * a type inferred from the schema loses. The type checker refuses a schema that differs from the type.
 *
 *     const schema = schemaOf<EmbedOptions>()({ run: needed(text(), { description: "run folder" }), … });
 */
export function schemaOf<T extends object>() {
  return <S extends z.core.$ZodShape>(
    options: S &
      (Same<Infers<S>, Flat<T>> extends true ? unknown : { "the schema differs from the type": T }),
  ): z.ZodObject<S, z.core.$strict> => z.strictObject<S>(options);
}
