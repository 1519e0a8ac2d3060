import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import * as fc from "fast-check";
import { extract } from "tar-stream";
import { findProgram } from "@molecule/node-edges";
import { diskTree } from "./disk-tree.js";
import { packContext } from "./pack-context.js";

/*
 * Docker defines what a context contains: Docker's own command and this packer get the same trees and ignore files, and
 * the files that arrive are compared.
 */

/** Path → target of a link, or null for a file. Directories are derived from the paths. */
type Tree = Readonly<Record<string, string | null>>;

const usualNames = ["a", "b", "ab", "a.b", ".c", "A", "a b", "-d", "ä"];
const usualWildcards = ["*", "?", "**", "a*", "*b", "a?b", "[a-b]", "[^a]", "\\.c", ".", ".."];
/** Characters that Docker's command before version 23 treats as part of a regular expression. */
const oddNames = ["a+", "a+b", "(a)", "a|b", "$a", "a{1}", "a^"];
const oddWildcards = ["**a", "**b", "**.b", "a**", "a**b", "+*", "(?)"];

interface Shapes {
  readonly tree: fc.Arbitrary<Tree>;
  readonly ignoreText: fc.Arbitrary<string[]>;
}

function shapesOf(names: readonly string[], wildcards: readonly string[]): Shapes {
  const name = fc.constantFrom(...names);
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const segment = fc.oneof(
    { weight: 4, arbitrary: name },
    { weight: 3, arbitrary: fc.constantFrom(...wildcards) },
  );
  const pattern = fc
    .tuple(
      fc.constantFrom("", "", "", "!", "!"),
      fc.constantFrom("", "", "", "/", "./", " "),
      fc.array(segment, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("", "", "", "/", " ", "/**"),
    )
    .map(([not, before, parts, after]) => `${not}${before}${parts.join("/")}${after}`);
  return {
    ignoreText: fc.array(
      fc.oneof({ weight: 9, arbitrary: pattern }, fc.constantFrom("", "# a", "Dockerfile", "*")),
      { maxLength: 5 },
    ),
    tree: fc.dictionary(path, fc.option(fc.constantFrom("a", "../b", "/nowhere"), { freq: 5 }), {
      minKeys: 3,
      maxKeys: 12,
      noNullPrototype: true,
    }),
  };
}

const usual = shapesOf(usualNames, usualWildcards);
const all = shapesOf([...usualNames, ...oddNames], [...usualWildcards, ...oddWildcards]);

/** Removes entries that would be below a file or a link. */
function possible(written: Tree): Tree {
  const leaves = Object.keys(written);
  const isAbove = (leaf: string): boolean => leaves.some((other) => other.startsWith(`${leaf}/`));
  return Object.fromEntries(Object.entries(written).filter(([leaf]) => !isAbove(leaf)));
}

const run = promisify(execFile);
const runs = 30;
const boundMs = 20_000;

/** One of Docker's commands. */
interface Client {
  readonly docker: string;
  readonly major: number;
}

describeWithEngine({ describe, test }, "the files of a context", ({ address }) => {
  let root: string;
  let clients: readonly Client[];
  let trees = 0;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "compare-"));
    clients = await clientsOf(["/usr/bin", ...(process.env["PATH"] ?? "").split(":")]);
  });
  // At its time limit, fast-check does not wait for the last run, which may still write files.
  afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));

  async function writeTree(written: Tree, ignore: readonly string[]): Promise<string> {
    trees += 1;
    const directory = join(root, String(trees));
    await mkdir(directory);
    await writeFile(join(directory, "Dockerfile"), 'FROM scratch\nCOPY . /\nCMD ["x"]\n');
    await writeFile(join(directory, ".dockerignore"), ignore.join("\n"));
    for (const [leaf, target] of Object.entries(written)) {
      await mkdir(dirname(join(directory, leaf)), { recursive: true });
      if (target === null) await writeFile(join(directory, leaf), leaf);
      else await symlink(target, join(directory, leaf));
    }
    return directory;
  }

  async function packed(directory: string): Promise<string[]> {
    const { signal } = new AbortController();
    return namesIn(
      await buffer(
        packContext({ tree: diskTree(directory), dockerfile: "Dockerfile", modifiedAt: new Date(0), signal }),
      ),
    );
  }

  /** The commands that the engine supports; a command may be too new for it. */
  async function clientsOf(directories: readonly string[]): Promise<Client[]> {
    const found = new Map<string, Client>();
    for (const directory of directories) {
      const docker = findProgram("docker", directory);
      if (docker === undefined) continue;
      const env = { DOCKER_HOST: address, HOME: root };
      const asked = run(docker, ["version", "--format", "{{.Client.Version}}"], { env });
      const { stdout } = await asked.catch(() => ({ stdout: "" }));
      if (stdout !== "") found.set(await realpath(docker), { docker, major: Number.parseInt(stdout, 10) });
    }
    return [...found.values()];
  }

  /** Returns what Docker's command sends, as seen in an image; `builder` "0" selects the classic one. */
  async function built(docker: string, directory: string, builder: "0" | "1"): Promise<string[]> {
    const env = {
      DOCKER_HOST: address,
      DOCKER_BUILDKIT: builder,
      HOME: root,
      PATH: process.env["PATH"] ?? "",
    };
    const { stdout } = await run(docker, ["build", "--quiet", directory], { env });
    const container = (await run(docker, ["create", stdout.trim()], { env })).stdout.trim();
    try {
      const names = await namesIn(await archive(container));
      // The engine puts these into every container.
      return names.filter((entry) => !/^(?:dev|proc|sys|etc|\.dockerenv)(?:\/|$)/.test(entry));
    } finally {
      await run(docker, ["rm", "--force", container], { env });
      await run(docker, ["rmi", "--force", stdout.trim()], { env });
    }
  }

  function archive(container: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const socketPath = address.replace("unix://", "");
      request({ socketPath, path: `/containers/${container}/export` }, (response) => {
        buffer(response).then(resolve, reject);
      })
        .on("error", reject)
        .end();
    });
  }

  async function compare({ docker, major }: Client): Promise<void> {
    const isCurrent = major >= 23;
    const { tree, ignoreText } = isCurrent ? all : usual;
    // From version 23 on, the other builder needs a plugin of the command.
    const builders = isCurrent ? (["0"] as const) : (["0", "1"] as const);
    await fc.assert(
      fc.asyncProperty(tree, ignoreText, fc.constantFrom(...builders), async (leaves, written, builder) => {
        // Up to 20.10, and in the classic builder, an exception reaches below an ignored directory only in full.
        const ignore = written.filter((line) => !/^!.*[*?[\\]/.test(line));
        const directory = await writeTree(possible(leaves), ignore);
        const [theirs, ours] = await Promise.all([
          built(docker, directory, builder).catch((error: unknown) => `refused: ${String(error)}`),
          packed(directory).catch((error: unknown) => `refused: ${String(error)}`),
        ]);
        if (typeof theirs === "string" || typeof ours === "string") {
          // Both reject it, with different messages.
          expect([theirs, ours]).toEqual([
            expect.stringContaining("refused"),
            expect.stringContaining("refused"),
          ]);
        } else expect(ours).toEqual(theirs);
      }),
      { seed: 20261124, numRuns: runs, interruptAfterTimeLimit: boundMs, endOnFailure: true },
    );
  }

  test("match the files that every installed version of Docker's command sends", async () => {
    if (clients.length === 0)
      throw new Error("Docker's command is needed for this comparison: apt-get install docker.io");
    for (const client of clients) await compare(client);
  }, 120_000);
});

/**
 * Returns files and links. Builders differ in whether the Dockerfile, the ignore file and empty ignored directories
 * arrive.
 */
async function namesIn(tar: Buffer): Promise<string[]> {
  const names: string[] = [];
  const reader = extract();
  reader.on("entry", (header, content, next) => {
    if (header.type !== "directory") names.push(header.name);
    content.on("end", next).resume();
  });
  await pipeline(Readable.from([tar]), reader);
  return names.filter((entry) => !["Dockerfile", ".dockerignore"].includes(entry)).sort();
}
