import { configInvalid } from "@molecule/core";

/** One problem with the configuration. */
export interface Problem {
  /** A file, `variable NAME` or `flag --name`. */
  readonly where: string;
  /** The dotted path inside the file; empty for the whole file. */
  readonly path: string;
  readonly what: string;
}

/**
 * Throws one `CONFIG_INVALID` that lists every problem. Returns if there are none.
 * @param hint what to do; default: by where the problems are
 */
export function refuseProblems(problems: readonly Problem[], hint?: string): void {
  if (problems.length === 0) return;
  const listed = problems.map(({ where, path, what }) =>
    [where, path, what]
      .filter((part) => part !== "")
      .join(": ")
      .replace(/\.$/, ""),
  );
  const count = problems.length === 1 ? "" : `${String(problems.length)} problems: `;
  throw configInvalid(
    `the configuration is invalid: ${count}${listed.join("; ").replaceAll(/\s+/g, " ")}`,
    hint ?? "Correct the listed keys; see schema/moleculerc.schema.json of @molecule/host.",
  );
}
