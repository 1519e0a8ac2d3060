// The templates that are built, smallest first. Each is served as a separate runtime.
import { randomBytes } from "node:crypto";
import { helloTemplate } from "@molecule/testkit";

const mebibyte = 1024 * 1024;

/** Files of a few kibibytes, in folders of fifty. */
function manyFiles(count) {
  const files = {};
  for (let index = 0; index < count; index += 1) {
    files[`src/part-${Math.floor(index / 50)}/file-${index}.txt`] =
      `${index}: ${"text of a file\n".repeat(10 + (index % 200))}`;
  }
  return files;
}

/** Files of the same size whose content compresses like source code, to about a half, in folders of fifty. */
function filesOf(count, bytes) {
  const files = {};
  for (let index = 0; index < count; index += 1) {
    files[`src/part-${Math.floor(index / 50)}/file-${index}.txt`] = randomBytes(bytes / 2).toString("hex");
  }
  return files;
}

export const templates = {
  tiny: { runtime: "hermes", what: "4 files, 2 MB" },
  "files-60": { runtime: "codex", what: "60 files of 8 KB", files: () => filesOf(60, 8192) },
  "files-200": { runtime: "langgraph", what: "200 files", files: () => manyFiles(200) },
  "files-5000": { runtime: "gemini-cli", what: "5,000 files of 4 KB", files: () => filesOf(5000, 4096) },
  "files-10000": { runtime: "autogen", what: "10,000 files", files: () => manyFiles(10_000) },
  "files-20000": { runtime: "openclaw", what: "20,000 files of 4 KB", files: () => filesOf(20_000, 4096) },
  // Random, so that it cannot be compressed; one commit per file, so that memory never holds all of it.
  "gib-1": {
    runtime: "crewai",
    what: "1 GiB in 16 files",
    parts: 16,
    part: () => randomBytes(64 * mebibyte),
  },
  // Every build of these two runs the step again, because its commit has another message.
  "long-line": {
    runtime: "deepagents",
    what: "a step that prints 100 MB without a line end",
    steps: "RUN /bin/busybox head -c 100000000 /dev/zero | /bin/busybox tr '\\000' x",
  },
  "slow-step": {
    runtime: "claude-code",
    what: "a step of 8 s that writes 20 MB",
    steps: "RUN sleep 8 && head -c 20000000 /dev/urandom > /payload",
  },
};

/** Adds the template to the forge. */
export async function serveTemplate(forge, { runtime, files = () => ({}), parts = 0, part, steps = "" }) {
  const hello = helloTemplate();
  const Dockerfile = `${hello.Dockerfile}${steps}\n`;
  await forge.addTemplate(runtime, { ...hello, Dockerfile, ...files() });
  for (let index = 0; index < parts; index += 1)
    await forge.commit(runtime, { [`data/part-${index}.bin`]: part() });
}
