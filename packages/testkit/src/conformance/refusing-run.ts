import type { Run } from "@molecule/core";

/** Stands where a source that runs no programs has one. */
export const refusingRun: Run = (command) =>
  Promise.reject(new TypeError(`the source runs ${command}: hand in a \`run\` to the conformance suite`));
