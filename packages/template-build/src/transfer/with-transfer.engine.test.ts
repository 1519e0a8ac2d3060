import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  defaultPlatform,
  silentLog,
  type BuildContext,
  type ContainerEngine,
  type Store,
} from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import {
  describeWithEngine,
  startPrivateEngine,
  temporaryDirectory,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { createTestStore, helloTemplate } from "@molecule/testkit";
import { extract } from "tar-stream";
import { treeContext, type Node, type Tree, type TreeContext } from "./tree-context.test.support.js";
import { withTransfer } from "./with-transfer.js";

/** Every commit of these tests has this time. */
const modifiedAt = new Date("2026-11-25T10:00:00Z");
const copyAll = "FROM scratch\nCOPY t /t\n";

const commit = (tree: Tree, dockerfile = copyAll): TreeContext =>
  treeContext(tree, { dockerfile, modifiedAt });

describeWithEngine({ describe, test }, "a context that BuildKit keeps", ({ address }) => {
  let directory: TemporaryDirectory;
  let engine: ContainerEngine;
  let count = 0;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    engine = engineAt(address);
  });
  afterAll(async () => {
    await engine.close();
    await directory.remove();
  });

  /** Builds commits of one template, as one user does. */
  function openTemplate(on = engine): (context: BuildContext, call?: BuildCall) => Promise<string> {
    const store = createTestStore(`${directory.path}/${String((count += 1))}`);
    return (context, call) => buildWith(on, store, context, call);
  }
  const contentOf = (imageId: string): Promise<Record<string, string>> => readImage(address, imageId);

  async function expectImage(imageId: string, tree: Tree): Promise<void> {
    expect(await contentOf(imageId)).toEqual(described(tree));
    await engine.removeImage(imageId);
  }

  test("only the files that changed are requested", async () => {
    const build = openTemplate();
    const tree = {
      a: "a1",
      b: { inside: { c: "c1", d: "d1" } },
      l: { link: "b/c" },
      x: { content: "x1", mode: 0o755 },
    };
    const first = commit(tree);
    await expectImage(await build(first), tree);
    expect(first.requested.sort()).toEqual(["Dockerfile", "t/a", "t/b/c", "t/b/d", "t/x"]);

    const changed = { ...tree, b: { inside: { c: "c2", d: "d1" } } };
    const second = commit(changed);
    await expectImage(await build(second), changed);
    expect(second.requested).toEqual(["t/b/c"]);

    const third = commit(changed);
    await expectImage(await build(third), changed);
    expect(third.requested).toEqual([]);
  });

  test("images always have the content of their commit, whatever changed within one second", async () => {
    const build = openTemplate();
    let tree: Tree = { kept: "kept" };
    for (let round = 0; round < 25; round += 1) {
      tree = changedTree(tree);
      await expectImage(await build(commit(tree)), tree);
    }
  });

  test("a Dockerfile of the same size and time takes effect", async () => {
    const build = openTemplate();
    const tree = { a: "a1", b: "b1" };
    for (const name of ["a", "b", "a"]) {
      const imageId = await build(commit(tree, `FROM scratch\nCOPY t/${name} /t/copy\n`));
      expect(await contentOf(imageId)).toEqual({ copy: `644 ${name}1` });
      await engine.removeImage(imageId);
    }
  });

  test("a changed file is newer than what earlier builds left in a cache mount, and no other file is", async () => {
    const build = openTemplate();
    const id = randomBytes(6).toString("hex");
    const compare =
      "for f in a b; do [ $f -nt /cache/out ] && echo newer $f; done; $b touch -d @$now /cache/out";
    const dockerfile = (now: number): string =>
      `FROM scratch\nCOPY t /t\nRUN --mount=type=cache,id=${id},target=/cache ["/t/busybox", "sh", "-c", ` +
      `${JSON.stringify(`cd /t; b=/t/busybox; now=${String(now)}; ${compare}`)}]\n`;
    const start = Math.floor(Date.now() / 1000);
    const at = async (seconds: number, tree: Tree): Promise<string[]> => {
      const lines: string[] = [];
      const files = { ...tree, busybox: { content: busybox(), mode: 0o755 } };
      const time = new Date((start + seconds) * 1000);
      const context = treeContext(files, { dockerfile: dockerfile(start + seconds + 5), modifiedAt: time });
      await engine.removeImage(await build(context, { output: (line) => lines.push(line) }));
      return lines.filter((line) => line.startsWith("newer"));
    };
    await at(0, { a: "a1", b: "b1" });
    expect(await at(10, { a: "a2", b: "b1" })).toEqual(["newer a"]);
    expect(await at(20, { a: "a3", b: "b1" })).toEqual(["newer a"]);
  });

  test("files are requested again after the builder's cache was pruned", async () => {
    const build = openTemplate();
    const tree = { a: "a1", b: "b1" };
    await expectImage(await build(commit(tree)), tree);
    await docker(address, ["builder", "prune", "--all", "--force"]);
    const changed = { a: "a2", b: "b1" };
    const second = commit(changed);
    await expectImage(await build(second), changed);
    expect(second.requested.sort()).toEqual(["Dockerfile", "t/a", "t/b"]);
  });

  test("concurrent builds of two commits get their own content", async () => {
    const build = openTemplate();
    for (let round = 0; round < 4; round += 1) {
      const trees = [0, 1, 2].map((which) => ({
        a: `${String(which)}${randomDigits()}`,
        b: "same",
        c: randomDigits(),
      }));
      const images = await Promise.all(trees.map((tree) => build(commit(tree))));
      for (const [index, imageId] of images.entries()) await expectImage(imageId, trees[index] as Tree);
    }
  });

  test("a build after a failed or cancelled one gets its own content", async () => {
    const build = openTemplate();
    const large = "x".repeat(200_000);
    const treeOf = (mark: string): Tree => ({ a: mark + large, b: mark + large, c: mark + large });
    await expectImage(await build(commit(treeOf("1"))), treeOf("1"));
    for (const [index, mark] of ["2", "3", "4"].entries()) {
      const leave = new AbortController();
      const context = commit(treeOf(mark));
      const broken: BuildContext = {
        ...context,
        async *open(file) {
          const [content] = (await Readable.from(context.open(file)).toArray()) as [Buffer];
          yield content.subarray(0, 1000);
          if (file.path === "t/b") {
            if (index === 0) throw new Error("the file is gone");
            leave.abort(new Error("the user left"));
          }
          yield content.subarray(1000);
        },
      };
      await expect(build(broken, { signal: leave.signal })).rejects.toThrow();
      await expectImage(await build(commit(treeOf(mark))), treeOf(mark));
    }
    await expect(build(commit(treeOf("5"), `${copyAll}RUN exit 3\n`))).rejects.toMatchObject({
      code: "BUILD_FAILED",
    });
    const after = commit({ ...treeOf("5"), a: "6" });
    await expectImage(await build(after), { ...treeOf("5"), a: "6" });
    expect(after.requested).toEqual(["Dockerfile", "t/a"]);
  });

  test("layers keep whole seconds", async () => {
    const imageId = await openTemplate()(commit({ a: "a1" }));
    const layers = await readLayers(address, imageId);
    // A tar archive has fractions of seconds only in extended headers.
    expect(layers).not.toMatch(/ [am]time=\d/);
    expect(layers).toContain(Math.floor(modifiedAt.getTime() / 1000).toString(8));
    await engine.removeImage(imageId);
  });
});

describeWithEngine({ describe, test }, "a builder that is killed while it receives a context", () => {
  test("the next build gets its own content", async () => {
    const daemon = await startPrivateEngine({ restarts: true, offersBuildkit: true });
    const directory = await temporaryDirectory();
    const engine = engineAt(daemon.address);
    try {
      const store = createTestStore(directory.path);
      await engine.removeImage(await buildWith(engine, store, commit({ a: "a1", b: "b1", gone: "gone" })));
      const killed = commit({ a: "a1", b: "b2", large: "x".repeat(100_000) });
      const killing: BuildContext = {
        ...killed,
        async *open(file) {
          const [content] = (await Readable.from(killed.open(file)).toArray()) as [Buffer];
          yield content.subarray(0, 50_000);
          if (file.path !== "t/large") return;
          // By now the builder has removed the file that is gone, and has written what it received.
          await new Promise((resolve) => setTimeout(resolve, 500));
          process.kill(await daemon.daemonPid(), "SIGKILL");
          yield content.subarray(50_000);
        },
      };
      await expect(buildWith(engine, store, killing)).rejects.toThrow();
      const tree = { a: "a1", b: "b1" };
      const imageId = await eventually(() => buildWith(engine, store, commit(tree)));
      expect(await readImage(daemon.address, imageId)).toEqual(described(tree));
    } finally {
      await engine.close();
      await daemon.stop();
      await directory.remove();
    }
  });
});

interface BuildCall {
  readonly signal?: AbortSignal;
  readonly output?: (line: string) => void;
}

function engineAt(address: string): ContainerEngine {
  const find = (): ReturnType<typeof findEngineEndpoint> =>
    findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" });
  return createDockerEngine(find, { builder: "buildkit" });
}

async function buildWith(
  engine: ContainerEngine,
  store: Store,
  commitContext: BuildContext,
  { signal, output = () => undefined }: BuildCall = {},
): Promise<string> {
  const ignore = (): void => undefined;
  const parts = { store, log: silentLog, directory: ".repositories/hermes/a", fresh: false };
  const { imageId } = await withTransfer(parts, commitContext, (context) =>
    engine.buildImage(
      {
        context,
        platform: defaultPlatform,
        // A commit of its own, and an image ID of its own.
        labels: { "molecule.test": randomDigits() },
        target: undefined,
        buildArgs: {},
        noCache: false,
        pullBases: false,
        report: { output, amount: ignore, quiet: ignore, allowIdle: ignore },
      },
      signal === undefined ? {} : { signal },
    ),
  );
  return imageId;
}

/** Adds, changes or removes a few nodes. The content of files always has the same size. */
function changedTree(tree: Tree): Tree {
  const next = new Map(Object.entries(tree));
  const names = ["a", "b", "c", "d.e", "d"];
  for (let change = 0; change < 3; change += 1) {
    const name = names[randomInt(names.length)] as string;
    const kinds: (() => Node | undefined)[] = [
      () => randomDigits(),
      () => randomDigits(),
      () => ({ content: randomDigits(), mode: [0o644, 0o755][randomInt(2)] as number }),
      () => ({ link: ["kept", "gone"][randomInt(2)] as string }),
      () => ({ inside: { x: randomDigits(), y: { inside: { z: randomDigits() } } } }),
      () => undefined,
    ];
    const node = (kinds[randomInt(kinds.length)] as () => Node | undefined)();
    if (node === undefined) next.delete(name);
    else next.set(name, node);
  }
  return Object.fromEntries(next);
}

function randomDigits(): string {
  return String(randomInt(10_000, 100_000));
}

/** Describes a tree as {@link readImage} does. */
function described(tree: Tree, parent = ""): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(tree).map(([name, node]) => {
      const path = parent + name;
      if (typeof node === "string") return { [path]: `644 ${node}` };
      if ("content" in node) return { [path]: `${node.mode.toString(8)} ${String(node.content)}` };
      if ("link" in node) return { [path]: `-> ${node.link}` };
      return { [path]: "755 directory", ...described(node.inside, `${path}/`) };
    }),
  ) as Record<string, string>;
}

/** Returns the modes and contents below `/t` of an image. */
async function readImage(address: string, imageId: string): Promise<Record<string, string>> {
  const container = (await docker(address, ["create", imageId, "/none"])).trim();
  const found: Record<string, string> = {};
  try {
    const archive = extract();
    spawnDocker(address, ["cp", `${container}:/t/.`, "-"]).pipe(archive);
    for await (const entry of archive) {
      const { name, type, mode, linkname } = entry.header;
      const content = await text(entry);
      const permissions = (mode & 0o7777).toString(8);
      const path = name.replace(/^\.?\//, "").replace(/\/$/, "");
      if (path === "" || path === ".") continue;
      if (type === "symlink") found[path] = `-> ${linkname}`;
      else found[path] = type === "directory" ? `${permissions} directory` : `${permissions} ${content}`;
    }
  } finally {
    await docker(address, ["rm", container]);
  }
  return found;
}

/** Returns the files of a saved image, its layers among them, as one text. */
async function readLayers(address: string, imageId: string): Promise<string> {
  const archive = extract();
  spawnDocker(address, ["save", imageId]).pipe(archive);
  const files: string[] = [];
  for await (const entry of archive) {
    const bytes = await buffer(entry);
    // The containerd store compresses layers.
    files.push((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString("latin1"));
  }
  return files.join("\n");
}

function spawnDocker(address: string, args: readonly string[]): NodeJS.ReadableStream {
  const env = { PATH: process.env.PATH, DOCKER_HOST: address };
  return spawn("docker", args, { env, stdio: ["ignore", "pipe", "ignore"] }).stdout;
}

async function docker(address: string, args: readonly string[]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of spawnDocker(address, args)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
}

function busybox(): Uint8Array {
  const { busybox: file } = helloTemplate();
  if (typeof file !== "object" || !("content" in file)) throw new TypeError("the template has no busybox");
  return Buffer.from(file.content as Uint8Array);
}

async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 50; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}
