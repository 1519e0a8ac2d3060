import { forgeUser } from "./git-program.js";
import type { TemplateChanges, TemplateFile } from "./template-file.js";

export interface CommitFacts {
  readonly branch: string;
  /** A revision, or undefined for a first commit. */
  readonly parent: string | undefined;
  readonly message: string;
  /** Seconds since the Unix epoch. */
  readonly time: number;
  readonly files: TemplateChanges;
}

/** Returns one commit in `git fast-import` format: without a working tree, any name and mode can be written. */
export function commitStream(commit: CommitFacts): Buffer {
  const { branch, parent, message, time, files } = commit;
  const parts: Uint8Array[] = [
    line(`commit refs/heads/${branch}`),
    line(`committer ${forgeUser.name} <${forgeUser.email}> ${String(time)} +0000`),
    data(message),
  ];
  if (parent !== undefined) parts.push(line(`from ${parent}`));
  for (const [path, file] of Object.entries(files)) parts.push(...change(quoted(path), file));
  parts.push(line(""));
  return Buffer.concat(parts);
}

function change(path: string, file: TemplateFile | null): readonly Buffer[] {
  if (file === null) return [line(`D ${path}`)];
  if (typeof file === "string" || file instanceof Uint8Array)
    return [line(`M 100644 inline ${path}`), data(file)];
  if ("link" in file) return [line(`M 120000 inline ${path}`), data(file.link)];
  if ("submodule" in file) return [line(`M 160000 ${file.submodule} ${path}`)];
  const mode = (file.mode & 0o111) === 0 ? "100644" : "100755";
  return [line(`M ${mode} inline ${path}`), data(file.content)];
}

function line(text: string): Buffer {
  return Buffer.from(`${text}\n`);
}

function data(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([line(`data ${String(bytes.length)}`), bytes, line("")]);
}

function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
