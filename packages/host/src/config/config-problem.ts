import { configInvalid } from "@molecule/core";

/** One thing that is wrong with the configuration. */
export interface Problem {
  /** A file, `variable NAME` or `flag --name`. */
  readonly where: string;
  /** Inside the file, dotted; empty for the file as a whole. */
  readonly path: string;
  readonly what: string;
}

/** Throws one `CONFIG_INVALID` that names every problem; does nothing when there is none. */
export function refuseProblems(problems: readonly Problem[]): void {
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
    "Correct these keys; schema/moleculerc.schema.json of @molecule/host describes each one.",
  );
}
