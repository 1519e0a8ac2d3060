import { randomBytes } from "node:crypto";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@molecule/test-fixtures";
import { helloTemplate, startForge, type Forge } from "@molecule/testkit";
import { startArgumentSampler, type ArgumentSampler } from "../argument-sampler.js";
import { startRecordingServer, type RecordingServer } from "../recording-server.js";
import { token } from "./canaries.js";
import { userFiles } from "./user-files.js";

/** What the commands of the sweep run in and talk to. */
export interface World {
  /** The engine's address. */
  readonly engine: string;
  /** Contains `home`, `work` and `tmp`; all of it is searched. */
  readonly directory: string;
  /** Contains {@link userFiles}. */
  readonly given: string;
  readonly forge: Forge;
  /** An origin that nothing should be sent to. */
  readonly other: RecordingServer;
  readonly proxy: RecordingServer;
  readonly sampler: ArgumentSampler;
  /** Part of every image's name, and the name of the container. */
  readonly isolation: string;
  stop(): Promise<void>;
}

/** Starts a forge with one template that builds and two that do not, and everything else that the sweep needs. */
export async function startWorld(engine: string): Promise<World> {
  const [directory, given] = await Promise.all([temporaryDirectory(), temporaryDirectory()]);
  const [forge, other, proxy] = await Promise.all([
    startForge(),
    startRecordingServer(),
    startRecordingServer(),
  ]);
  for (const name of ["home", "work/.git", "tmp"])
    await mkdir(join(directory.path, name), { recursive: true });
  for (const [name, content] of Object.entries(userFiles)) {
    await mkdir(dirname(join(given.path, name)), { recursive: true });
    await writeFile(join(given.path, name), content);
  }
  await symlink(process.execPath, join(given.path, "node"));
  await addTemplates(forge);
  const sampler = await startArgumentSampler();
  return {
    engine,
    directory: directory.path,
    given: given.path,
    forge,
    other,
    proxy,
    sampler,
    isolation: `canary-${randomBytes(4).toString("hex")}`,
    stop: async () => {
      // It has ended already, unless the sweep failed.
      await sampler.stop().catch(() => []);
      await Promise.all([forge.stop(), other.stop(), proxy.stop()]);
      await Promise.all([directory.remove(), given.remove()]);
    },
  };
}

async function addTemplates(forge: Forge): Promise<void> {
  forge.requireToken(token);
  const template = helloTemplate();
  const { Dockerfile } = template;
  if (typeof Dockerfile !== "string") throw new Error("the template has no Dockerfile");
  await forge.addTemplate("hermes", template, { private: true });
  const broken = { ...template, Dockerfile: `${Dockerfile}RUN echo fails; exit 3\n` };
  await forge.addTemplate("codex", broken, { private: true });
  await forge.addTemplate("crewai", { "README.md": "no Dockerfile\n" }, { private: true });
}
