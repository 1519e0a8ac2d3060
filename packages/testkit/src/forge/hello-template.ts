import { readFileSync } from "node:fs";
import { ImageSourceError } from "@molecule/core";
import type { TemplateFile } from "./template-file.js";

/** Options of the template. */
export interface HelloTemplateOptions {
  /** What a container of the image prints, on one line. Default: a greeting. */
  readonly message?: string;
}

const places = ["/bin/busybox", "/usr/bin/busybox"];

/**
 * Returns the files of a template that needs no network: `FROM scratch`, with this machine's static busybox. The image
 * has this machine's architecture, a shell, the template at `/app`, and prints the message.
 * Throws `TOOL_MISSING` without a static busybox.
 */
export function helloTemplate(options: HelloTemplateOptions = {}): Record<string, TemplateFile> {
  const { message = "Hello from a workspace." } = options;
  return {
    Dockerfile: `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
COPY . /app
WORKDIR /app
CMD ["/bin/cat", "/app/message.txt"]
`,
    "message.txt": `${message}\n`,
    busybox: { content: staticBusybox(), mode: 0o755 },
  };
}

function staticBusybox(): Buffer {
  for (const place of places) {
    const content = readIfThere(place);
    if (content !== undefined && isStatic(content)) return content;
  }
  throw new ImageSourceError({
    code: "TOOL_MISSING",
    message: `there is no static busybox at ${places.join(" or ")}`,
    hint: "Install it: apt-get install busybox-static",
  });
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Whether the file is a 64-bit little-endian ELF file without an interpreter. */
function isStatic(elf: Buffer): boolean {
  if (elf.length < 64 || elf.toString("latin1", 0, 6) !== "\x7fELF\x02\x01") return false;
  const start = Number(elf.readBigUInt64LE(0x20));
  const size = elf.readUInt16LE(0x36);
  const interpreter = 3;
  for (let index = 0; index < elf.readUInt16LE(0x38); index += 1) {
    if (elf.readUInt32LE(start + index * size) === interpreter) return false;
  }
  return true;
}
