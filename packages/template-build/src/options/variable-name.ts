import * as v from "valibot";

/** The name of an environment variable or a build argument. */
export const variableName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be letters, digits or `_`, not starting with a digit"),
);
