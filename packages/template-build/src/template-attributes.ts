import type { Attributes } from "@molecule/core";
import { possibleArguments } from "./dockerfile/possible-arguments.js";
import type { RuntimeOptions } from "./options/runtime-options.js";

/** Returns how a template is found and built, for traces. `vcs.…` are names of OpenTelemetry's conventions. */
export function templateAttributes(options: RuntimeOptions, source: string): Attributes {
  const { forge, branch, revision, path, target } = options;
  const origin: Attributes =
    path === undefined
      ? {
          "vcs.repository.url.full": source,
          "molecule.forge": forge,
          // The conventions name products, and any product may serve `forge: git`.
          ...(forge === "gitea" ? { "vcs.provider.name": forge } : {}),
          ...(revision !== undefined || branch === undefined
            ? {}
            : { "vcs.ref.head.name": branch, "vcs.ref.head.type": "branch" }),
        }
      : {};
  return {
    ...origin,
    "molecule.pinned": revision !== undefined,
    "molecule.working_copy": path !== undefined,
    "molecule.build_args": possibleArguments(options),
    ...(target === undefined ? {} : { "molecule.target": target }),
  };
}
