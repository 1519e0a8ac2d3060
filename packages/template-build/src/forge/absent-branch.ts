import type { Transient } from "@molecule/core";

/** A branch that does not exist: temporary in the seconds after a first push, and while a mirror is being filled. */
export const absentBranch: Transient = { withinMs: 4_000 };
