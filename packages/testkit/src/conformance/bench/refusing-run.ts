import type { Run } from "@molecule/core";

/** The `run` edge for a source that runs no programs: it refuses every call. */
export const refusingRun: Run = (command) =>
  Promise.reject(new TypeError(`the source runs ${command}: pass a \`run\` to the conformance suite`));
