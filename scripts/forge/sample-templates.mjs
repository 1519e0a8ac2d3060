// The sample templates: which runtime each of them is served for, and its files as a commit contains them.
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { helloTemplate } from "../../packages/testkit/dist/index.js";
import { root } from "../pnpm.mjs";

/** Folders of `examples/templates`, by runtime. */
export const sampleFolders = {
  hermes: "hello",
  codex: "pinned-version",
  langgraph: "multi-stage",
  crewai: "private-base",
};

const usesBusybox = /^COPY busybox /m;
const scratchWithBusybox = /^FROM scratch(.*)\nCOPY busybox .*\nRUN .*--install.*\n/m;
const leftByEditors = /(?:~|\.sw.|\.DS_Store)$/;

/** The absolute path of a sample's folder. */
export const sampleDirectory = (folder) => join(root, "examples", "templates", folder);

/** Returns the files of a sample, with busybox if its Dockerfile copies it. */
export async function sampleTemplate(folder) {
  const directory = sampleDirectory(folder);
  const files = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(directory, path).split(sep).join("/");
    if (entry.isSymbolicLink()) files[name] = { link: await readlink(path) };
    else if (entry.isFile() && !leftByEditors.test(name))
      files[name] = { content: await readFile(path), mode: (await lstat(path)).mode };
  }
  const dockerfile = String(files.Dockerfile?.content ?? "");
  if (!usesBusybox.test(dockerfile)) return files;
  const busybox = staticBusybox();
  if (busybox !== undefined) return { ...files, busybox };
  return { ...files, Dockerfile: dockerfile.replace(scratchWithBusybox, "FROM busybox:stable$1\n") };
}

/** Whether the samples contain this machine's busybox. If not, the engine pulls `busybox:stable`. */
export const needsNoNetwork = () => staticBusybox() !== undefined;

function staticBusybox() {
  // That of macOS, if any, does not run in a container.
  if (process.platform !== "linux") return undefined;
  try {
    return helloTemplate().busybox;
  } catch (error) {
    if (error.code === "TOOL_MISSING") return undefined;
    throw error;
  }
}
