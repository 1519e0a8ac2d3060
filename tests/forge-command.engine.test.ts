import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { silentReport } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import {
  describeWithEngine,
  startPrivateEngine,
  startRegistry,
  type PrivateEngine,
} from "@molecule/test-fixtures";
import { snippets } from "./docs/snippets.js";
import { cloneOfTemplates, type Clone, type ServingForge } from "./forge-command.test.support.js";

/*
 * docs/getting-started/contributor.md and the samples, as a contributor meets them: the commands of the page are run in
 * a shell, after the lines that the forge prints, and must print what the page shows.
 */

const page = "docs/getting-started/contributor.md";
const clonedAndBuilt = ["git clone", "cd ", "npm run"];
/** The page's registry, which comes from Docker Hub: the test starts one of its own. */
const registryOfPage = { host: "127.0.0.1:5000", commands: ["docker run", "docker rm"] };

/** The commands of the page that follow the start of the forge, each with the output below it. */
function steps(): readonly { readonly command: string; readonly output: string }[] {
  return snippets("console")
    .filter(({ file, note }) => file === page && note === "")
    .flatMap(({ code }) => code.split(/^\$ /m).filter((part) => part !== ""))
    .map((part) => {
      const [command = "", ...lines] = part.split("\n");
      return { command, output: lines.join("\n") };
    })
    .filter(
      ({ command }) =>
        ![...clonedAndBuilt, ...registryOfPage.commands].some((start) => command.startsWith(start)),
    );
}

/** Commits depend on the machine's busybox, ports and folders on the run. */
function comparable(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{12}(?:--[\w-]+)?\b/g, "COMMIT")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replaceAll(/PATH=\S+\/packages/g, "PATH=CLONE/packages");
}

describeWithEngine({ describe, test }, "npm run forge", ({ address }) => {
  const isolation = `forge-${randomBytes(4).toString("hex")}`;
  let clone: Clone;
  let forge: ServingForge;
  let said: string;
  let env: Readonly<Record<string, string>>;

  // The page needs BuildKit, which engines offer by default from 23 on.
  let modern: PrivateEngine;
  beforeAll(async () => {
    modern = await startPrivateEngine({ offersBuildkit: true });
  });
  afterAll(() => modern.stop());

  beforeEach(async () => {
    clone = await cloneOfTemplates();
    forge = clone.forge([]);
    said = await forge.printed("Press Ctrl-C to stop.");
    const home = join(clone.path, "..", "home");
    await mkdir(home);
    env = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      DOCKER_HOST: address,
      MOLECULE_LOCAL_IMAGE_ISOLATION: isolation,
      // The printed lines must undo this.
      MOLECULE_IMAGE_REGISTRY: "registry.invalid/acme",
    };
  });
  afterEach(async () => {
    forge.child.kill("SIGINT");
    const ended = await forge.ended;
    await removeImages();
    expect({ ended, leftovers: await clone.leftovers() }).toMatchObject({
      ended: { status: 0 },
      leftovers: [],
    });
    await clone.remove();
  });

  async function removeImages(): Promise<void> {
    const engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    for (const { tags } of await engine.listImages({ labels: ["molecule.image.runtime"] }))
      for (const tag of tags) if (tag.endsWith(`--${isolation}`)) await engine.removeImage(tag);
    await engine.close();
  }

  /** Runs the commands in one shell, after the printed lines. Returns stdout, or rejects. */
  async function shell(commands: readonly string[]): Promise<string> {
    const printed = said.split("\n").filter((line) => /^(?:export|unset) /.test(line));
    expect(printed.length).toBeGreaterThan(2);
    const script = ["set -e", ...printed, ...commands].join("\n");
    return (await promisify(execFile)("sh", ["-c", script], { cwd: clone.path, env })).stdout;
  }

  test("prints what the page shows, and so do the page's commands", async () => {
    const [shown] = snippets("console").filter(({ file, note }) => file === page && note === "output");
    expect(comparable(said)).toBe(comparable(shown?.code ?? ""));

    env = { ...env, DOCKER_HOST: modern.address };
    const walk = steps();
    expect(walk.map(({ command }) => command)).toContain("molecule-image ensure hermes");
    const registry = await startRegistry();
    const marked = walk.flatMap(({ command }) => [
      command.replace(registryOfPage.host, registry.host).replace(/^docker .*/, "$& >/dev/null"),
      "echo =====",
    ]);
    const outputs = (await shell(marked)).split("=====\n");
    await registry.stop();
    expect(outputs.slice(0, -1).map(comparable)).toEqual(walk.map(({ output }) => comparable(output)));
    expect(
      await forge.printed("codex: committed the changes in examples/templates/pinned-version"),
    ).toContain("hermes: committed the changes in examples/templates/hello");
  });

  test("serves a template whose private base image needs the credentials of the docker CLI", async () => {
    const login = { user: "ann", password: "not-a-real-password" };
    const registry = await startRegistry({ htpasswd: login });
    const base = `${registry.host}/acme/base:1`;
    const config = join(clone.path, "private-base.json");
    const buildArgs = { BASE_IMAGE: base };
    await writeFile(config, JSON.stringify({ options: { "gitea-local-build": { buildArgs } } }));
    await pushAs(base, (await shell(["molecule-image ensure hermes"])).trim(), login);

    const run = `molecule-image run crewai --rm --config ${config}`;
    await expect(shell([run])).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringContaining("SOURCE_DENIED"),
    });
    const auth = Buffer.from(`${login.user}:${login.password}`).toString("base64");
    env = { ...env, DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [registry.host]: { auth } } }) };
    expect(await shell([run])).toBe("Hello from a private base image.\n");
    await registry.stop();
  });

  async function pushAs(
    name: string,
    image: string,
    login: { user: string; password: string },
  ): Promise<void> {
    const credential = { from: "the test", username: login.user, password: login.password };
    const engine = createDockerEngine(
      () => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
      { credentials: { find: async () => credential } },
    );
    await engine.tagImage(image, name);
    await engine.pushImage({ reference: name, report: silentReport });
    await engine.removeImage(name);
    await engine.close();
  }
});
