import { Readable } from "node:stream";
import { helloTemplate } from "@molecule/testkit";
import type { StepReport } from "@molecule/core";

/** Returns a tar archive of small files, all of them executable. */
export function tarOf(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000755\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write("        0", 148);
    header.write("ustar\u000000", 257);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** Returns a build context whose image has a shell at `/bin/sh`. */
export function contextOf(steps: string, more: Readonly<Record<string, string>> = {}): Readable {
  const { busybox } = helloTemplate();
  const shell =
    typeof busybox === "object" && "content" in busybox ? Buffer.from(busybox.content) : Buffer.alloc(0);
  const Dockerfile = `FROM scratch\nCOPY sh /bin/sh\nCOPY sh /bin/busybox\n${steps}\n`;
  return Readable.from([tarOf({ Dockerfile, sh: shell, ...more })]);
}

export interface KeptReport extends StepReport {
  readonly lines: string[];
  readonly silences: string[];
  /** The pauses that were allowed, in order; undefined for none. */
  readonly allowed: (number | undefined)[];
  readonly amounts: (readonly [done: number, total: number | undefined, unit: string])[];
}

/** Creates a step report that records everything. */
export function keepReport(): KeptReport {
  const lines: string[] = [];
  const silences: string[] = [];
  const amounts: KeptReport["amounts"] = [];
  const allowed: KeptReport["allowed"] = [];
  return {
    lines,
    silences,
    amounts,
    allowed,
    output: (text) => lines.push(text),
    amount: (done, total, unit) => amounts.push([done, total, unit]),
    quiet: (why) => silences.push(why),
    allowIdle: (milliseconds) => allowed.push(milliseconds),
  };
}
