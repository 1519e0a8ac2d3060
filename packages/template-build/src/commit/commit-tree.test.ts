import { createHash, randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "@jest/globals";
import { isImageSourceError, type ContextEntry } from "@molecule/core";
import { extract } from "tar-stream";
import { archiveFor } from "../context/archive-for.js";
import { contextIgnores } from "../context/context-ignores.js";
import { diskTree } from "../context/disk-tree.js";
import type { FileTree } from "../context/file-tree.js";
import { locateDockerfile } from "../context/locate-dockerfile.js";
import { packContext } from "../context/pack-context.js";
import { templateContext } from "../context/template-context.js";
import { templateArguments } from "../dockerfile/template-arguments.js";
import { useCommitRepository, type Planned } from "./commit-repository.test.support.js";
import { openCommit } from "./open-commit.js";

const repository = useCommitRepository();
const modifiedAt = new Date("2024-02-03T04:05:06Z");
const { signal } = new AbortController();

/** Returns everything that a build reads from a tree, or why it cannot. */
async function readBy(tree: FileTree, namedDockerfile = "Dockerfile"): Promise<unknown> {
  try {
    const dockerfile = await locateDockerfile(tree, namedDockerfile);
    const subject = { tree, dockerfile, namedDockerfile };
    const buildArgsFrom = { RUNTIME_VERSION: ".runtime-version" };
    return {
      dockerfile,
      arguments: await templateArguments(tree, dockerfile, { buildArgs: {}, buildArgsFrom }),
      ignoreFile: (await contextIgnores(subject)).ignoreFile,
      files: await fetched({ ...subject, modifiedAt, signal }),
      packed: sha256Of(await buffer(packContext({ ...subject, modifiedAt, signal }))),
      docker: await plan("docker", subject),
      podman: await plan("podman", subject),
    };
  } catch (error) {
    if (!isImageSourceError(error)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
}

const sha256Of = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** Leaves out `contentId`, which only a commit knows. */
async function fetched(request: Parameters<typeof templateContext>[0]): Promise<unknown[]> {
  const context = templateContext(request);
  try {
    const entries: ContextEntry[] = [];
    for await (const entry of context.entries()) entries.push(entry);
    const seen: unknown[] = [];
    for (const entry of entries) {
      const hash = createHash("sha256");
      if (entry.kind === "file") for await (const chunk of context.open(entry)) hash.update(chunk);
      const { kind, path, mode, size, target } = entry;
      seen.push({ kind, path, mode, size, target, content: hash.digest("hex") });
    }
    return seen;
  } finally {
    context.close();
  }
}

async function plan(kind: "docker" | "podman", subject: Parameters<typeof archiveFor>[1]): Promise<unknown> {
  try {
    const archive = await archiveFor(kind, subject);
    const reader = extract();
    reader.end(await buffer(packContext({ ...subject, archive, modifiedAt, signal })));
    const seen: unknown[] = [archive.excludes.length];
    const plain = (text: string): string => text.replaceAll(/\.dockerfile\.[0-9a-f]{20}/g, "RANDOM");
    for await (const entry of reader) {
      const content = plain((await buffer(entry)).toString("latin1"));
      seen.push([plain(JSON.stringify(entry.header)), sha256Of(Buffer.from(content, "latin1"))]);
    }
    return seen;
  } catch (error) {
    if (!isImageSourceError(error)) throw error;
    return error.message;
  }
}

/** Compares the objects of a commit with its checkout. Returns what a build reads. */
async function compared(
  files: readonly (readonly [string, Planned])[],
  { dockerfile = "Dockerfile", from = repository } = {},
): Promise<unknown> {
  const template = await from.commit(files);
  const commit = await openCommit(template);
  try {
    if (commit.tree === undefined) throw new Error("the checkout was converted");
    const expected = await readBy(diskTree(template.directory), dockerfile);
    expect(await readBy(commit.tree, dockerfile)).toEqual(expected);
    return expected;
  } finally {
    await commit.close();
    // All have ended, or were killed.
    await Promise.allSettled(template.started.map(({ ended }) => ended));
  }
}

const docker = ["Dockerfile", "FROM scratch\nARG RUNTIME_VERSION\nCOPY . /\n"] as const;
const bytes = (...values: number[]): string => String.fromCharCode(...values);

test.each<[string, (readonly [string, Planned])[]]>([
  ["a Dockerfile only", [docker]],
  [
    "links in, out, to a directory and dangling, and a chain of them",
    [
      docker,
      ["a/file", "x"],
      ["in", { link: "a/file" }],
      ["a/up", { link: "../Dockerfile" }],
      ["a/out", { link: "../../etc/passwd" }],
      ["absolute", { link: "/etc/passwd" }],
      ["dangling", { link: "nowhere" }],
      ["directory", { link: "a" }],
      ["chain", { link: "in" }],
    ],
  ],
  ["a link whose target has a NUL byte", [docker, ["link", { link: "a\0b" }]]],
  ["a link whose target is not UTF-8", [docker, ["link", { link: Buffer.from([0x61, 0xff]) }]]],
  [
    "executable and empty files",
    [docker, ["run", { runnable: "#!/bin/sh\n" }], ["empty", ""], ["e/mpty", ""]],
  ],
  [
    "names with blanks, quotes, line breaks, backslashes and tabs, not only ASCII",
    [
      " lead",
      "a b",
      "c\nd",
      "t\tab",
      '"q"',
      "'s'",
      "back\\slash",
      "-dash",
      Buffer.from("ümläut/ö").toString("latin1"),
      Buffer.from("😀").toString("latin1"),
      Buffer.from("\uE000").toString("latin1"),
      Buffer.from("\uFFFD").toString("latin1"),
    ].map((name): readonly [string, Planned] => [name, name]),
  ],
  [
    "names that git and bytes sort differently",
    [docker, ["a/x", "1"], ["a-b", "2"], ["a.b", "3"], ["a0", "4"], ["B", "5"]],
  ],
  ["a name that is not UTF-8", [docker, [bytes(0x61, 0xff), "x"]]],
  ["a directory whose name is not UTF-8", [docker, [`d/${bytes(0xc3, 0x28)}/x`, "x"]]],
  ["several of them", [docker, [`${bytes(0xff)}/x`, "x"], [`${bytes(0xfe)}/y`, "y"]]],
  ["one that is ignored", [docker, [`d/${bytes(0xff)}`, "x"], [".dockerignore", "d\n"]]],
  [
    "an ignore file with exceptions",
    [
      docker,
      [".dockerignore", "*\n!src\n!**/README.md\nsrc/gone\n"],
      ["src/a", "1"],
      ["src/gone", "2"],
      ["docs/deep/README.md", "3"],
      ["docs/deep/other", "4"],
    ],
  ],
  [
    "an ignored Dockerfile and ignore file",
    [docker, [".dockerignore", "Dockerfile\n.dockerignore\n"], ["x", "1"]],
  ],
  [
    "an ignore file of the Dockerfile",
    [
      docker,
      ["Dockerfile.dockerignore", "a\nDockerfile\n"],
      [".dockerignore", "b\n"],
      ["a", "1"],
      ["b", "2"],
    ],
  ],
  [
    "links as Dockerfile and as ignore files",
    [
      ["Dockerfile", { link: "docker/real" }],
      ["docker/real", "FROM scratch\nCOPY . /\n"],
      ["Dockerfile.dockerignore", { link: "docker/ignore" }],
      ["docker/ignore", "secret\n"],
      [".dockerignore", { link: "../outside" }],
      ["secret", "s"],
    ],
  ],
  ["a link out of the template as Dockerfile", [["Dockerfile", { link: "../x" }]]],
  ["a link in a circle as ignore file", [docker, [".dockerignore", { link: ".dockerignore" }]]],
  ["a dangling link as ignore file", [docker, [".dockerignore", { link: "gone/x" }]]],
  ["a directory as Dockerfile", [["Dockerfile/x", "x"]]],
  ["no Dockerfile", [["x", "x"]]],
  ["an ignore file that is too long", [docker, [".dockerignore", "a\n".repeat(600_000)]]],
  ["an ignore file that cannot be parsed", [docker, [".dockerignore", "[\n"]]],
  ["build arguments from a file", [docker, [".runtime-version", "v1.2.3\n"]]],
  [
    "build arguments from a link out of the template",
    [docker, [".runtime-version", { link: "/etc/hostname" }]],
  ],
  ["a submodule", [docker, ["sub/module", { submodule: "2".repeat(40) }], ["z", "z"]]],
  [
    "an LFS pointer",
    [
      docker,
      ["x.bin", "version https://git-lfs.github.com/spec/v1\n"],
      [".gitattributes", "*.bin filter=lfs -text\n"],
    ],
  ],
  [
    "attributes that convert nothing",
    [docker, [".gitattributes", "* text=auto eol=lf\n*.png binary\n"], ["t", "a\r\nb\n"]],
  ],
  [
    "line endings without attributes",
    [docker, ["crlf", "a\r\n"], ["mixed", "a\r\nb\n\rc"], ["id", "$Id$\n"]],
  ],
  ["deep directories", [docker, [`${"d/".repeat(200)}file`, "deep"]]],
  [
    "files of the sizes where reads and chunks end",
    [0, 1, 511, 512, 513, 65_535, 65_536, 131_072, 262_143, 262_144, 262_145, 1_048_577].map(
      (size): readonly [string, Planned] => [`f${String(size)}`, Buffer.alloc(size, "0123456789abc")],
    ),
  ],
  [
    "binary content that looks like a reply of git",
    [docker, ["a", "\n"], ["b", `${"0".repeat(40)} blob 3\nabc\n`], ["c", "\0\n\0"]],
  ],
])("%s: a build reads the same from the objects as from a checkout", async (_what, files) => {
  await compared(files);
});

test("the context of a commit identifies the content of its files, and that of a directory does not", async () => {
  const template = await repository.commit([
    docker,
    ["a", "same"],
    ["b/c", "same"],
    ["large", "x".repeat(300_000)],
    ["link", { link: "same" }],
  ]);
  const commit = await openCommit(template);
  const entriesOf = async (tree: FileTree | undefined): Promise<Record<string, unknown>> => {
    if (tree === undefined) throw new Error("the checkout was converted");
    const context = templateContext({ tree, dockerfile: "Dockerfile", modifiedAt, signal });
    const ids: Record<string, unknown> = {};
    for await (const entry of context.entries()) if ("contentId" in entry) ids[entry.path] = entry.contentId;
    context.close();
    return ids;
  };
  const ids = Object.fromEntries(
    ["Dockerfile", "a", "b/c", "large"].map((path) => [
      path,
      repository.git(["rev-parse", `${template.commit}:${path}`]).trim(),
    ]),
  );
  expect(await entriesOf(commit.tree)).toEqual(ids);
  expect(await entriesOf(diskTree(template.directory))).toEqual({});
  await commit.close();
});

test("the Dockerfile may be in a directory", async () => {
  const files = [
    ["docker/Dockerfile", "FROM scratch\n"],
    ["docker/x", "1"],
  ] as const;
  expect(await compared(files, { dockerfile: "./docker/../docker/Dockerfile" })).toMatchObject({
    dockerfile: "docker/Dockerfile",
  });
});

describe("in a repository that uses SHA-256", () => {
  const from = useCommitRepository({ objectFormat: "sha256" });

  test("a build reads the same", async () => {
    const files = [docker, ["large", randomBytes(1_000_000)], ["l", { link: "large" }]] as const;
    expect(await compared(files, { from })).toMatchObject({ files: [{}, {}, {}] });
  });
});

test("twenty thousand files are the same", async () => {
  const files = Array.from({ length: 20_000 }, (_, index): readonly [string, Planned] => [
    `d${String(index % 200)}/e${String(index % 7)}/f${String(index)}`,
    `${String(index)}\n`.repeat(index % 50),
  ]);
  const template = await repository.commit([docker, ...files]);
  const commit = await openCommit(template);
  const [read, expected] = await Promise.all(
    [commit.tree, diskTree(template.directory)].map(async (tree) => {
      if (tree === undefined) throw new Error("the checkout was converted");
      const request = { tree, dockerfile: "Dockerfile", modifiedAt, signal };
      const seen = await fetched(request);
      return [
        seen.length,
        sha256Of(Buffer.from(JSON.stringify(seen))),
        sha256Of(await buffer(packContext(request))),
      ];
    }),
  );
  await commit.close();
  expect(read?.[0]).toBe(20_001 + 200 + 1400);
  expect(read).toEqual(expected);
});
