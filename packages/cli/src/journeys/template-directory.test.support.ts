import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { helloTemplate } from "@molecule/testkit";

/** Writes the hello template to a directory, as its author has it. */
export async function writeHelloTemplate(directory: string, message: string): Promise<void> {
  for (const [path, file] of Object.entries(helloTemplate({ message }))) {
    const { content, mode } = asFile(file);
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content, { mode });
  }
}

function asFile(file: ReturnType<typeof helloTemplate>[string]): {
  readonly content: string | Uint8Array;
  readonly mode: number;
} {
  if (typeof file === "string" || file instanceof Uint8Array) return { content: file, mode: 0o644 };
  if ("content" in file) return { content: file.content, mode: file.mode };
  throw new TypeError("the hello template has files only");
}
