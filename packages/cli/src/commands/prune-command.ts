import type { PrunedItem } from "@molecule/core";
import type { CommonOptions } from "../common-options.js";
import { megabytes } from "../megabytes.js";
import { openCommandHost } from "../open-command-host.js";
import { parseBytes, parseCount } from "../parse-amount.js";
import { printJson, printLine } from "../print.js";
import type { Terminal } from "../terminal.js";

export interface PruneOptions extends CommonOptions {
  readonly keep?: string;
  readonly maxBytes?: string;
  readonly dryRun?: true;
}

/** Removes old builds and checkouts, or says which it would remove. */
export async function pruneCommand(options: PruneOptions, terminal: Terminal): Promise<number> {
  const keep = options.keep === undefined ? undefined : parseCount("--keep", options.keep);
  const maxBytes = options.maxBytes === undefined ? undefined : parseBytes("--max-bytes", options.maxBytes);
  const dryRun = options.dryRun === true;
  const host = await openCommandHost(options, terminal);
  try {
    const { removed, kept } = await host.prune({ keep, maxBytes, dryRun }, { signal: terminal.signal });
    if (options.json === true) {
      printJson(terminal.stdout, { removed, kept });
      return 0;
    }
    for (const item of removed) printLine(terminal.stdout, row(dryRun ? "would remove" : "removed", item));
    for (const item of kept) printLine(terminal.stdout, row("kept", item));
    return 0;
  } finally {
    await host.close();
  }
}

function row(verb: string, { names, otherNames, imageId, path, bytes, why }: PrunedItem): string {
  const what = path ?? [...names, ...otherNames].join(" ");
  return `${verb}  ${what === "" ? (imageId ?? "") : what}  ${megabytes(bytes)}  (${why})`;
}
