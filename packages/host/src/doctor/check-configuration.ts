import { isAbsolute } from "node:path";
import { amiss, fine, type ImageSourceError, type Verdict } from "@molecule/core";
import { inlineOrigin } from "../config/inline-layer.js";
import type { Settings } from "../config/settings.js";
import type { SourceEntry } from "../plugins/source-entry.js";

const isOfPlugin = ({ code }: ImageSourceError): boolean => code.startsWith("PLUGIN_");

/** Returns the problems with files, variables and flags, or else the files in use. */
export function checkConfiguration(problems: readonly ImageSourceError[], settings: Settings): Verdict {
  const wrong = problems.filter((problem) => !isOfPlugin(problem));
  if (wrong.length > 0) return together(wrong);
  const files = new Set(settings.values().map(({ origin }) => origin));
  const named = [...files].filter((origin) => isAbsolute(origin) || origin === inlineOrigin);
  return fine(
    named.length === 0
      ? "no configuration file; using defaults and variables"
      : `from ${named.join(" and ")}`,
  );
}

/** Checks that every configured or shipped plugin loads. */
export function checkPlugins(
  problems: readonly ImageSourceError[],
  sources: readonly SourceEntry[],
): Verdict {
  const failed = sources.flatMap(({ error }) => (error === null ? [] : [error]));
  const wrong = [...failed, ...problems.filter(isOfPlugin)];
  const [first] = wrong;
  if (first !== undefined) return together(distinct(wrong));
  return fine(sources.map(({ name }) => name).join(", ") || "no plugins");
}

function distinct(errors: readonly ImageSourceError[]): readonly ImageSourceError[] {
  return errors.filter(
    (error, index) => errors.findIndex(({ message }) => message === error.message) === index,
  );
}

function together(errors: readonly ImageSourceError[]): Verdict {
  return amiss(
    errors.map(({ message, code }) => `${message} [${code}]`).join("; "),
    [...new Set(errors.map(({ hint }) => hint))].join(" "),
  );
}
