import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, link, mkdir, readdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "@jest/globals";
import type { ContextEntry } from "@molecule/core";
import { extract, type Header } from "tar-stream";
import { diskTree } from "./disk-tree.js";
import { useContextTree } from "./context-tree.test.support.js";
import { packContext, type PackContextRequest } from "./pack-context.js";
import { templateContext } from "./template-context.js";

const context = useContextTree();
const { put, openBelow } = context;
let root: string;
let tree: string;
beforeEach(() => {
  ({ root, tree } = context);
});

const modifiedAt = new Date("2024-02-03T04:05:06Z");

function pack(changes: Partial<PackContextRequest> = {}): ReturnType<typeof packContext> {
  return packContext({
    tree: diskTree(tree),
    dockerfile: "Dockerfile",
    modifiedAt,
    signal: new AbortController().signal,
    ...changes,
  });
}

interface Entry {
  readonly header: Header;
  readonly content: string;
}

async function entries(changes: Partial<PackContextRequest> = {}): Promise<Entry[]> {
  const found: Entry[] = [];
  const archive = extract();
  archive.end(await buffer(pack(changes)));
  for await (const entry of archive)
    found.push({ header: entry.header, content: (await buffer(entry)).toString("utf8") });
  return found;
}

async function names(changes: Partial<PackContextRequest> = {}): Promise<string[]> {
  return (await entries(changes)).map(({ header }) => header.name.replace(/\/$/, ""));
}

describe("the entries", () => {
  test("depend on the commit only: owned by root, with its time, sorted by name, executable or not", async () => {
    await put({ b: "2", "a/c": "1", "a-b": "0", B: "3", empty: "" });
    await chmod(join(tree, "b"), 0o710);
    await chmod(join(tree, "a-b"), 0o666);
    await symlink("a/c", join(tree, "link"));

    const found = await entries();

    expect(
      found.map(({ header: { name, mode, type, size, uid, gid, linkname } }) => [
        name,
        mode,
        type,
        size,
        uid,
        gid,
        linkname,
      ]),
    ).toEqual([
      ["B", 0o644, "file", 1, 0, 0, null],
      ["Dockerfile", 0o644, "file", 13, 0, 0, null],
      ["a/", 0o755, "directory", 0, 0, 0, null],
      ["a/c", 0o644, "file", 1, 0, 0, null],
      ["a-b", 0o644, "file", 1, 0, 0, null],
      ["b", 0o755, "file", 1, 0, 0, null],
      ["empty", 0o644, "file", 0, 0, 0, null],
      ["link", 0o777, "symlink", 0, 0, 0, "a/c"],
    ]);
    expect(new Set(found.map(({ header }) => header.mtime.getTime()))).toEqual(
      new Set([modifiedAt.getTime()]),
    );
    expect((await buffer(pack())).equals(await buffer(pack()))).toBe(true);
  });

  test("of hard links are separate files", async () => {
    await put({ one: "same" });
    await link(join(tree, "one"), join(tree, "two"));

    const found = await entries();

    expect(found.filter(({ content }) => content === "same").map(({ header }) => header.type)).toEqual([
      "file",
      "file",
    ]);
  });

  test("can have any name and time, as GNU tar reads them", async () => {
    const long = `${"d".repeat(120)}/${"e".repeat(200)}`;
    const odd = [
      "with\nnewline",
      "ümläut",
      "😀",
      "-dash",
      "back\\slash",
      "x".repeat(100),
      "y".repeat(101),
      long,
      `${"deep/".repeat(60)}end`,
    ];
    await put(Object.fromEntries(odd.map((name) => [name, name])));
    await symlink(`../${"t".repeat(150)}/ü`, join(tree, "to-long"));
    await writeFile(
      join(root, "context.tar"),
      await buffer(pack({ modifiedAt: new Date("2100-01-01T00:00:00Z") })),
    );

    const listed = execFileSync(
      "tar",
      ["--utc", "--full-time", "--quoting-style=c", "-tvf", join(root, "context.tar")],
      { env: { LC_ALL: "C.UTF-8", PATH: process.env["PATH"] } },
    ).toString();
    await mkdir(join(root, "out"));
    execFileSync("tar", [
      "--warning=no-timestamp",
      "-xf",
      join(root, "context.tar"),
      "-C",
      join(root, "out"),
    ]);

    expect(listed).toContain("2100-01-01 00:00:00");
    expect(listed).toContain(`-> "../${"t".repeat(150)}/`);
    expect((await readdir(join(root, "out"), { recursive: true })).sort()).toEqual(
      (await readdir(tree, { recursive: true })).sort(),
    );
    expect(
      (await entries())
        .filter(({ header }) => header.type === "file")
        .every(({ header, content }) => header.name === "Dockerfile" || header.name === content),
    ).toBe(true);
  });

  test("have a time that fits into tar, whatever the commit claims", async () => {
    for (const time of [-1e12, 8.64e15]) {
      const [first] = await entries({ modifiedAt: new Date(time) });
      expect(first?.header.mtime.getTime()).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("omits", () => {
  test(".git at any depth, whatever its type and whatever .dockerignore lists", async () => {
    await put({
      ".git/config": "c",
      "sub/.git": "gitdir: x",
      "sub/deep/.git/HEAD": "h",
      "sub/.gitignore": "i",
      ".dockerignore": "!.git\n!**/.git/**\n",
    });

    expect(await names()).toEqual([".dockerignore", "Dockerfile", "sub", "sub/.gitignore", "sub/deep"]);
  });

  test("ignored files except for exceptions below; the Dockerfile and the ignore file are no exceptions", async () => {
    await put({
      "docs/a.md": "",
      "docs/b/README.md": "",
      "docs/b/c": "",
      "node_modules/x/y": "",
      src: "",
      ".dockerignore": "*\n!src\n!**/README.md\n",
    });

    expect(await names()).toEqual(["docs", "docs/b", "docs/b/README.md", "src"]);
  });

  test("the files that <Dockerfile>.dockerignore lists rather than .dockerignore", async () => {
    await put({
      "docker/Dockerfile": "",
      "docker/Dockerfile.dockerignore": "a\ndocker\n",
      ".dockerignore": "b\n",
      a: "",
      b: "",
    });

    expect(await names({ dockerfile: "docker/Dockerfile" })).toEqual([".dockerignore", "Dockerfile", "b"]);
  });

  test("nothing on account of an ignore file that is an outside link, a directory, too long or invalid", async () => {
    await writeFile(join(root, "canary"), "*\n");
    await symlink("../canary", join(tree, ".dockerignore"));
    await expect(buffer(pack())).rejects.toMatchObject({ code: "TEMPLATE_INVALID" });

    await rm(join(tree, ".dockerignore"));
    await mkdir(join(tree, ".dockerignore"));
    await expect(buffer(pack())).rejects.toMatchObject({ code: "TEMPLATE_INVALID" });

    await rm(join(tree, ".dockerignore"), { recursive: true });
    for (const text of ["a\n".repeat(600_000), "[\n"]) {
      await writeFile(join(tree, ".dockerignore"), text);
      await expect(buffer(pack())).rejects.toMatchObject({ code: "TEMPLATE_INVALID" });
    }
  });
});

describe("reads nothing outside", () => {
  test("through links, which are packed as links", async () => {
    await writeFile(join(root, "canary"), "bytes of another");
    await symlink("../canary", join(tree, "file"));
    await symlink("..", join(tree, "directory"));
    await symlink("/etc", join(tree, "absolute"));

    const archive = await buffer(pack());

    expect(archive.includes("FROM scratch")).toBe(true);
    expect(archive.includes("bytes of another")).toBe(false);
    expect(
      (await entries())
        .filter(({ header }) => header.type === "symlink")
        .map(({ header }) => header.linkname),
    ).toEqual(["/etc", "..", "../canary"]);
  });

  test("if a directory becomes a link during packing", async () => {
    await put(
      Object.fromEntries(
        Array.from({ length: 40 }, (_, index) => [`d/f${String(index)}`, "inside".repeat(20_000)]),
      ),
    );
    await mkdir(join(root, "outside"));
    for (let index = 0; index < 40; index += 1)
      await writeFile(join(root, "outside", `f${String(index)}`), "canary".repeat(20_000));

    const stream = pack();
    let seen = "";
    let isSwapped = false;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      seen += chunk.toString("latin1");
      if (isSwapped || !seen.includes("inside")) continue;
      isSwapped = true;
      await rename(join(tree, "d"), join(tree, "moved"));
      await symlink("../outside", join(tree, "d"));
    }

    expect(isSwapped).toBe(true);
    expect(seen).not.toContain("canary");
  });
});

/** Replaces a directory and a file with links, and restores them, as fast as possible. */
const racer = `
  const { renameSync } = require("node:fs");
  const [tree, side] = process.argv.slice(1);
  const swap = (name) => {
    renameSync(tree + "/" + name, side + "/" + name);
    renameSync(side + "/link-" + name, tree + "/" + name);
    renameSync(tree + "/" + name, side + "/link-" + name);
    renameSync(side + "/" + name, tree + "/" + name);
  };
  console.log("ready");
  for (let round = 0; ; round += 1) swap(round % 2 === 0 ? "d" : "f");`;

/** Returns everything that an engine gets if it requests each file. */
async function fetchedFiles(): Promise<Buffer> {
  const { signal } = new AbortController();
  const listing = templateContext({ tree: diskTree(tree), dockerfile: "Dockerfile", modifiedAt, signal });
  try {
    const parts: Uint8Array[] = [];
    const files: ContextEntry[] = [];
    for await (const entry of listing.entries()) {
      parts.push(Buffer.from(entry.target));
      if (entry.kind === "file") files.push(entry);
    }
    for (const file of files) for await (const chunk of listing.open(file)) parts.push(chunk);
    return Buffer.concat(parts);
  } finally {
    listing.close();
  }
}

test.each([
  ["packed", () => buffer(pack())],
  ["fetched", fetchedFiles],
])("nothing outside is %s while another process keeps replacing files with links", async (_how, read) => {
  await put({ "d/f": "inside", f: "inside", "g/d/f": "inside" });
  await mkdir(join(root, "outside"));
  await writeFile(join(root, "outside", "f"), "canary");
  await mkdir(join(root, "side"));
  await symlink("../outside", join(root, "side", "link-d"));
  await symlink("../outside/f", join(root, "side", "link-f"));
  const child = spawn(process.execPath, ["--eval", racer, tree, join(root, "side")]);
  const seen = { links: 0, refused: 0, whole: 0 };
  const isSeen = (): boolean => Object.values(seen).every((count) => count > 0);
  try {
    await once(child.stdout, "data");
    const began = performance.now();
    // At least four seconds; on a busy machine, until both states have been seen.
    while (performance.now() < began + (isSeen() ? 4_000 : 60_000)) {
      const packed = await read().catch((error: unknown) => error);
      if (!Buffer.isBuffer(packed)) {
        expect(packed).toMatchObject({ code: "CHECKOUT_FAILED" });
        seen.refused += 1;
        continue;
      }
      expect(packed.includes("canary")).toBe(false);
      seen[packed.includes("../outside") ? "links" : "whole"] += 1;
    }
  } finally {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  // It was a race: both states were seen.
  expect(isSeen()).toBe(true);
});

describe("refuses to pack", () => {
  test("a fifo or a socket, unless it is ignored", async () => {
    execFileSync("mkfifo", [join(tree, "fifo")]);
    await expect(buffer(pack())).rejects.toMatchObject({
      code: "TEMPLATE_INVALID",
      message: expect.stringContaining("fifo") as unknown,
    });

    await put({ ".dockerignore": "fifo\n" });
    expect(await names()).toEqual([".dockerignore", "Dockerfile"]);

    const server = createServer().listen(join(tree, "socket"));
    await once(server, "listening");
    await expect(buffer(pack())).rejects.toMatchObject({
      code: "TEMPLATE_INVALID",
      message: expect.stringContaining("socket") as unknown,
    });
    server.close();
  });

  test("a name or a link target that is not UTF-8", async () => {
    await symlink(Buffer.from([0x61, 0xff]), join(tree, "link"));
    await expect(buffer(pack())).rejects.toMatchObject({ code: "TEMPLATE_INVALID" });

    await rm(join(tree, "link"));
    await writeFile(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0x61, 0xff])]), "x");
    await expect(buffer(pack())).rejects.toMatchObject({ code: "TEMPLATE_INVALID" });
  });

  test("a file whose size changes while it is packed", async () => {
    for (const bytes of [10, 20_000_000]) {
      await put({ a: "x".repeat(5_000_000) });
      const stream = pack();
      const read = (async () => {
        for await (const chunk of stream as AsyncIterable<Buffer>)
          if (chunk.length > 1024) await truncate(join(tree, "a"), bytes);
      })();

      await expect(read).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
    }
  });

  test("a missing checkout", async () => {
    await expect(buffer(pack({ tree: diskTree(join(root, "absent")) }))).rejects.toMatchObject({
      code: "CHECKOUT_FAILED",
    });
  });
});

describe("the stream", () => {
  test("counts its bytes", async () => {
    let counted = 0;

    const archive = await buffer(pack({ onAmount: (bytes) => void (counted = bytes) }));

    expect(counted).toBe(archive.length);
  });

  test("is produced no faster than it is read", async () => {
    for (let index = 0; index < 30; index += 1) await put({ [`f${String(index)}`]: "x".repeat(1_000_000) });
    let counted = 0;
    const stream = pack({ onAmount: (bytes) => void (counted = bytes) });
    stream.read(0);
    while (counted === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 300));

    expect(counted).toBeGreaterThan(0);
    expect(counted).toBeLessThan(1_000_000);
    stream.destroy();
  });

  test("fails with the reason of an abort, even if the stream is not read", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    const stream = pack({ signal: abort.signal });
    const failed = once(stream, "error");
    abort.abort(reason);

    expect(await failed).toEqual([reason]);
    await expect(buffer(pack({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  });

  test("leaves no file open when it is destroyed", async () => {
    for (let index = 0; index < 5; index += 1)
      await put({ [`d/e/f${String(index)}`]: "x".repeat(1_000_000) });
    const stream = pack();
    for await (const chunk of stream as AsyncIterable<Buffer>) if (chunk.length > 4096) break;

    // They are closed in the background.
    const deadline = performance.now() + 10_000;
    while ((await openBelow()).length > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await openBelow()).toEqual([]);
  });
});
