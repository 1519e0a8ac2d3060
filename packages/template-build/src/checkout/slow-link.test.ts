import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  createMask,
  createSpine,
  defaultPlatform,
  parseCommitSha,
  parseRuntimeName,
  silentLog,
  type ImageSource,
} from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { acceleratedClock, startFaultProxy, type ConnectionFault } from "@molecule/test-fixtures";
import { startForge, type Forge } from "@molecule/testkit";
import { checkOut } from "./check-out.js";
import type { GitRemote } from "./git-remote.js";

/** The clock of the calls runs five times faster, so these are 20 KB/s for fifty seconds. */
const speed = 5;
const bytesPerSecond = 20_000 * speed;
const fileBytes = 1_000_000;

let root: string;
let forge: Forge;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "slow-link-"));
  forge = await startForge();
});
afterEach(async () => {
  await forge.stop();
  await rm(root, { recursive: true, force: true });
});

/** Fetches a template through a proxy with the fault, with `stallAfter: 30s`. */
async function fetched(fault: ConnectionFault): Promise<string> {
  const runtime = parseRuntimeName("hermes");
  const files = { Dockerfile: "FROM scratch\n", large: randomBytes(fileBytes) };
  const commit = parseCommitSha(await forge.addTemplate("hermes", files));
  const proxy = await startFaultProxy({ target: forge.repoPrefix() });
  proxy.fault(fault, { method: "POST", path: /git-upload-pack$/ });
  const platform = defaultPlatform;
  const resolution = { runtime, reference: "example/hermes:1", revision: commit, buildKey: null, platform };
  const source: ImageSource = {
    name: "slow-link",
    resolve: async () => resolution,
    find: async () => ({ hit: false, why: "it is not looked for" }),
    provide: (_resolution, _found, { signal, log, progress }) =>
      progress.step("checkout", "it", async (report) => {
        const remote: GitRemote = {
          url: `${proxy.address}hermes.git`,
          branch: "main",
          authorization: undefined,
          tokenVariable: "MOLECULE_GITEA_TOKEN",
        };
        const env = { PATH: process.env["PATH"] };
        const store = createStore({ directory: root, env });
        const name = `hermes/${commit.slice(0, 12)}`;
        const checkout = await checkOut({ remote, commit, store, name, env, signal, report, log });
        await checkout.settle();
        return { ...resolution, imageId: `sha256:${"a".repeat(64)}`, digest: null, engine: null };
      }),
  };
  const images = createSpine({
    source,
    selection: { source: source.name, mode: "local", because: "a test" },
    registry: { mode: "local", prefix: "molecule-local" },
    runtimes: new Set([runtime]),
    timeoutMs: 3_600_000,
    stallAfterMs: 30_000,
    mask: createMask(),
    clock: acceleratedClock(speed),
    log: silentLog,
  });
  try {
    return (await images.ensure("hermes")).imageId;
  } finally {
    await images.close();
    await proxy.stop();
  }
}

test("a fetch over a slow link succeeds: its bytes are progress", async () => {
  expect(await fetched({ slow: { bytesPerSecond } })).toMatch(/^sha256:/);
});

test("a fetch over a link that goes dead is stalled", async () => {
  await expect(fetched({ stall: { after: 300_000 } })).rejects.toMatchObject({
    code: "STALLED",
    step: "checkout",
  });
});
