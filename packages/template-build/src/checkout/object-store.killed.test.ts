import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { kill, platform } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { findProgram } from "@molecule/node-edges";
import { describeWherePossible } from "@molecule/test-fixtures";
import type { CheckOutRequest } from "./check-out-request.js";
import {
  buildInProcess,
  builtFile,
  countGitBytes,
  fewBytes,
  noise,
  objectStoresIn,
  openHermesWorld,
  type HermesWorld,
} from "./object-store.test.support.js";
import { readStoreLayout } from "./store-layout.js";

let world: HermesWorld;
let cache: string;
beforeEach(async () => {
  world = await openHermesWorld();
  cache = join(world.root, "cache");
  await world.add({ Dockerfile: "FROM scratch\n", large: noise(0) });
});
afterEach(() => world.close());

/** Of a long text, so that a failure is readable. */
function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Builds the commit, and returns the hash of its large file. */
async function builtHash(changes: Partial<CheckOutRequest> = {}): Promise<string> {
  return hashOf(await builtFile(world.request(changes), "large"));
}

/** Returns the processes that run in the cache. */
async function processesInCache(): Promise<{ pid: number; command: string }[]> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    numbers.map(async (number) => {
      const directory = await readlink(`/proc/${number}/cwd`).catch(() => "");
      const command = await readFile(`/proc/${number}/cmdline`, "utf8").catch(() => "");
      return directory.startsWith(cache)
        ? [{ pid: Number(number), command: command.replaceAll("\0", " ") }]
        : [];
    }),
  );
  return found.flat();
}

async function packFiles(): Promise<string[]> {
  const [store = ""] = await objectStoresIn(world.root);
  return readdir(join(store, "objects/pack")).catch(() => []);
}

/** A moment at which a build is killed. */
interface Moment {
  /** Makes the next build stop at this moment. Returns what the build needs for it. */
  hold(): Promise<Partial<CheckOutRequest>>;
  /** Returns the process of the git that has stopped; undefined if it has not yet. */
  held(): Promise<number | undefined>;
}

/** The server stops before the end of its response to the fetch. `hasGot`: whether git has received what it sends. */
function serverStops(
  limit: (response: ServerResponse) => boolean,
  hasGot: () => Promise<boolean> | boolean,
): Moment {
  let requestsBefore: number;
  return {
    hold() {
      requestsBefore = world.forge.gitRequests().length;
      world.forge.fault(/\/git-upload-pack$/, (_request, response) => limit(response), { times: 1 });
      return Promise.resolve({});
    },
    async held() {
      const requests = world.forge.gitRequests().slice(requestsBefore);
      if (!requests.some(({ method }) => method === "POST") || !(await hasGot())) return undefined;
      return (await processesInCache()).find(({ command }) => /^\S*\/git fetch /.test(command))?.pid;
    },
  };
}

/** Sends only what `next` returns for each chunk, and does not end the response. */
function sendOnly(response: ServerResponse, next: (chunk: Buffer) => Buffer): false {
  const write = response.write.bind(response) as (chunk: Buffer) => boolean;
  response.write = (chunk: Buffer) => {
    const part = next(chunk);
    return part.length === 0 || write(part);
  };
  response.end = () => response;
  return false;
}

/** git stops once, when it is about to run a command. */
function gitStops(command: string): Moment {
  const held = (): string => join(world.root, "held");
  return {
    async hold() {
      const path = process.env["PATH"];
      const git = findProgram("git", path);
      await mkdir(join(world.root, "bin"));
      const script = `#!/bin/sh
if [ "$1" = ${command} ] && mkdir '${held()}' 2>/dev/null; then
  echo $$ > '${held()}/pid'
  kill -STOP $$
fi
exec '${String(git)}' "$@"
`;
      await writeFile(join(world.root, "bin/git"), script, { mode: 0o755 });
      return { env: { PATH: `${join(world.root, "bin")}:${String(path)}` } };
    },
    async held() {
      const pid = await readFile(join(held(), "pid"), "utf8").catch(() => "");
      if (!pid.endsWith("\n")) return undefined;
      return / T /.test(await readFile(`/proc/${pid.trim()}/stat`, "utf8")) ? Number(pid) : undefined;
    },
  };
}

/** Waits for the moment, and returns the process of the git that has stopped. */
async function untilHeld(moment: Moment): Promise<number> {
  for (;;) {
    const pid = await moment.held();
    if (pid !== undefined) return pid;
    await sleep(20);
  }
}

/** More than one packet, and less than the pack. */
const maxSent = 70_000;
const receivesPack = serverStops(
  (response) => {
    let sent = 0;
    return sendOnly(response, (chunk) => {
      const part = chunk.subarray(0, maxSent - sent);
      sent += part.length;
      return part;
    });
  },
  async () => (await packFiles()).some((name) => name.startsWith("tmp_pack_")),
);

/** The flush packet, after which git records the commit. */
const endBytes = 4;

const moments: readonly [string, Moment][] = [
  [
    "waits for the response",
    serverStops(
      () => true,
      () => true,
    ),
  ],
  ["receives the pack", receivesPack],
  [
    "has the pack, but has not recorded the commit",
    serverStops(
      (response) => {
        let unsent = Buffer.alloc(0);
        return sendOnly(response, (chunk) => {
          const all = Buffer.concat([unsent, chunk]);
          unsent = all.subarray(-endBytes);
          return all.subarray(0, -endBytes);
        });
      },
      async () => (await packFiles()).some((name) => name.endsWith(".keep")),
    ),
  ],
  ["lists the commit", gitStops("ls-tree")],
  ["writes the checkout", gitStops("checkout")],
];

/** Checks that builds are as fast and as right as if nothing had happened, and that nothing is left of it. */
async function expectRecovery(commits: readonly string[]): Promise<void> {
  expect(await builtHash()).toBe(hashOf(noise(commits.length - 1)));

  // A git that only reads ends when it notices that nobody reads its output.
  while ((await processesInCache()).length > 0) await sleep(20);
  expect((await readdir(join(cache, "hermes"))).sort()).toEqual(
    commits.map((one) => one.slice(0, 12)).sort(),
  );
  expect(await readdir(join(cache, "locks"))).toEqual([]);

  await world.commit({ small: "1\n" });
  const bytes = countGitBytes(world.forge);
  expect(await builtFile(world.request(), "small")).toBe("1\n");
  expect(bytes()).toBeLessThan(fewBytes);
  const stores = await objectStoresIn(world.root);
  expect(stores).toHaveLength(1);
  expect(await readStoreLayout(String(stores[0]), "sha1")).toMatchObject({ fault: undefined });
}

describeWherePossible(
  { describe, test },
  "a killed build",
  { what: "Linux", missing: platform === "linux" ? undefined : "only Linux lists processes in /proc" },
  () => {
    describe.each(["first", "next"])("during the %s fetch", (which) => {
      let commits: string[];

      beforeEach(async () => {
        commits = [world.sha];
        if (which === "first") return;
        await builtFile(world.request(), "large");
        await world.commit({ large: noise(1) });
        commits.push(world.sha);
      });

      describe.each(moments)("when git %s", (name, moment) => {
        const isBackground = name === "writes the checkout";

        test("a killed git ends completely, and the next build succeeds", async () => {
          const outcome = builtHash(await moment.hold()).catch((error: unknown) => error);
          kill(await untilHeld(moment), "SIGKILL");

          // A commit is fetched again without the object store, but an image needs its checkout.
          if (isBackground) expect(await outcome).toMatchObject({ code: "CHECKOUT_FAILED" });
          else expect(await outcome).toBe(hashOf(noise(commits.length - 1)));

          expect(world.warnings).toEqual(isBackground ? [] : ["removing a damaged object store"]);
          expect(await processesInCache()).toEqual([]);
          await expectRecovery(commits);
        });

        test("the next process takes over from a killed one", async () => {
          const child = buildInProcess(world.request(await moment.hold()), cache, "large");
          const git = await untilHeld(moment);
          child.kill("SIGKILL");
          await once(child, "exit");
          kill(git, "SIGCONT");

          await expectRecovery(commits);
          const isComplete = isBackground || name === "lists the commit";
          expect(world.warnings).toEqual(isComplete ? [] : ["removing a damaged object store"]);
        });
      });

      test("an abort ends git, and the next build succeeds", async () => {
        const abort = new AbortController();
        const aborted = builtHash({ ...(await receivesPack.hold()), signal: abort.signal });
        const refused = expect(aborted).rejects.toThrow("enough");
        await untilHeld(receivesPack);
        abort.abort(new Error("enough"));
        await refused;

        expect(await processesInCache()).toEqual([]);
        await expectRecovery(commits);
      });
    });
  },
);
