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

export const templates = {
  tiny: { runtime: "hermes", what: "4 files, 2 MB" },
  "files-200": { runtime: "langgraph", what: "200 files", files: () => manyFiles(200) },
  "files-10000": { runtime: "autogen", what: "10,000 files", files: () => manyFiles(10_000) },
  // Random, so that it cannot be compressed; one commit per file, so that memory never holds all of it.
  "gib-1": {
    runtime: "crewai",
    what: "1 GiB in 16 files",
    parts: 16,
    part: () => randomBytes(64 * mebibyte),
  },
};

/** Adds the template to the forge. */
export async function serveTemplate(forge, { runtime, files = () => ({}), parts = 0, part }) {
  await forge.addTemplate(runtime, { ...helloTemplate(), ...files() });
  for (let index = 0; index < parts; index += 1)
    await forge.commit(runtime, { [`data/part-${index}.bin`]: part() });
}
