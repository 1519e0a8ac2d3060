import type { ContainerCreateOptions } from "@molecule/core";
import { containerLabels } from "./container-labels.js";
import { usage } from "./container-error.js";

/** The hints for settings that the library owns, by their lower-case names in `create`. */
const owned: Readonly<Record<string, string>> = {
  image: "Pass `runtime`, or a result of `ensure` as `image`: the container is created by its ID.",
  name: "Pass `name` beside `create`.",
  platform: "The platform is the image's; pass `platform` in the second argument to get another image.",
  abortsignal: "Pass `signal` in the second argument.",
};

/** Settings that are combined with ours, so that the engine must find them once, spelled like this. */
const combined = ["Labels", "Env", "Cmd", "HostConfig", "Tty", "OpenStdin", "StdinOnce", "AttachStdin"];

/** Throws `USAGE` for a setting that the library owns. Engines compare names without regard to case. */
export function assertOurs(labels: Readonly<Record<string, string>>, create: ContainerCreateOptions): void {
  for (const [key, value] of Object.entries(create)) {
    const hint = owned[key.toLowerCase()];
    if (hint !== undefined && value !== undefined) throw usage(`\`create.${key}\` cannot be set`, hint);
    assertSpelling("create", key, combined);
  }
  for (const key of Object.keys(create.HostConfig ?? {}))
    assertSpelling("create.HostConfig", key, ["AutoRemove"]);
  assertLabels("labels", labels);
  assertLabels("create.Labels", create.Labels ?? {});
}

function assertSpelling(where: string, key: string, names: readonly string[]): void {
  const name = names.find((known) => known.toLowerCase() === key.toLowerCase());
  if (name === undefined || name === key) return;
  throw usage(`\`${where}.${key}\` is not a setting`, `Write \`${name}\`.`);
}

function assertLabels(where: string, labels: Readonly<Record<string, string>>): void {
  const label = Object.values(containerLabels).find((key) => Object.hasOwn(labels, key));
  if (label === undefined) return;
  throw usage(`the label ${label} cannot be set in \`${where}\``, "Remove it: the library sets it.");
}
