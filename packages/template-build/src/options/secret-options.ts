import { isAbsolute } from "node:path";
import * as v from "valibot";
import { variableName } from "./variable-name.js";

/** IDs that builders accept in an argument (`id=…,src=…`). */
const id = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, "must be 1 to 128 letters, digits, `_`, `.` or `-`"),
);
const isPath = (path: string): boolean => isAbsolute(path) && !path.includes("\0");

const place = v.union(
  [
    v.strictObject({ env: variableName }),
    v.strictObject({
      file: v.pipe(
        v.string(),
        v.check(isPath, "must be an absolute path unless a configuration file sets it"),
      ),
    }),
  ],
  "must be { env: NAME } or { file: PATH }, with an absolute path unless a configuration file sets it",
);

export const secretOptions = v.record(id, place);
