import { cancelled, type PrunedItem, type PruneResult } from "@molecule/core";
import type { CommonOptions } from "../options/common-options.js";
import { canAsk, confirm } from "../options/confirm.js";
import { megabytes } from "../options/megabytes.js";
import { openCommandHost } from "../host/open-command-host.js";
import { parseBytes, parseCount } from "../options/parse-amount.js";
import { printJson, printLine } from "../terminal/print.js";
import type { Terminal } from "../terminal/terminal.js";

export interface PruneOptions extends CommonOptions {
  readonly keep?: string;
  readonly maxBytes?: string;
  readonly dryRun?: true;
  readonly force?: true;
}

/** Removes old builds and checkouts, or prints which ones it would remove. Asks for confirmation on a terminal. */
export async function pruneCommand(options: PruneOptions, terminal: Terminal): Promise<number> {
  const keep = options.keep === undefined ? undefined : parseCount("--keep", options.keep);
  const maxBytes = options.maxBytes === undefined ? undefined : parseBytes("--max-bytes", options.maxBytes);
  const dryRun = options.dryRun === true;
  const asks = !dryRun && options.force !== true && canAsk(terminal);
  const host = await openCommandHost(options, terminal);
  try {
    const prune = (dry: boolean): Promise<PruneResult> =>
      host.prune({ keep, maxBytes, dryRun: dry }, { signal: terminal.signal });
    const planned = asks ? await prune(true) : undefined;
    const isDeclined = planned !== undefined && !(await isConfirmed(planned, terminal));
    if (isDeclined) printLine(terminal.stderr, "nothing was removed");
    if (isDeclined && options.json !== true) return 0;
    const { removed, kept } = isDeclined ? declined(planned) : await prune(dryRun);
    if (options.json === true) {
      printJson(terminal.stdout, { removed, kept });
      return 0;
    }
    const verb = dryRun ? "would remove" : "removed";
    for (const item of removed) printLine(terminal.stdout, row(verb, item));
    for (const item of kept) printLine(terminal.stdout, row("kept", item));
    printLine(terminal.stdout, `${verb} ${total(removed)}`);
    return 0;
  } finally {
    await host.close();
  }
}

/** Asks for confirmation unless nothing would be removed. */
async function isConfirmed({ removed }: PruneResult, terminal: Terminal): Promise<boolean> {
  if (removed.length === 0) return true;
  for (const item of removed) printLine(terminal.stderr, row("would remove", item));
  try {
    return await confirm(`Remove ${total(removed)}?`, terminal);
  } catch {
    throw cancelled();
  }
}

function declined({ removed, kept }: PruneResult): PruneResult {
  return {
    removed: [],
    kept: [...removed.map((item) => ({ ...item, why: "removal was declined" })), ...kept],
  };
}

/** Returns a summary such as `3 items, 12.3 MB in total`. */
function total(items: readonly PrunedItem[]): string {
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  return `${String(items.length)} ${items.length === 1 ? "item" : "items"}, ${megabytes(bytes)} in total`;
}

function row(verb: string, { names, otherNames, imageId, path, bytes, why }: PrunedItem): string {
  const subject = path ?? [...names, ...otherNames].join(" ");
  return `${verb}  ${subject === "" ? (imageId ?? "") : subject}  ${megabytes(bytes)}  (${why})`;
}
