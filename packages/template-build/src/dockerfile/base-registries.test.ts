import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { diskTree } from "../context/disk-tree.js";
import { baseRegistries } from "./base-registries.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "bases-"));
});
afterAll(() => rm(directory, { recursive: true }));

const of = async (text: string, args: Record<string, string> = {}): Promise<readonly string[]> => {
  await writeFile(join(directory, "Dockerfile"), text);
  return baseRegistries(diskTree(directory), "Dockerfile", args);
};

test("returns the registry of every named image, once each", async () => {
  const text = `# syntax=frontends.example/x:1
ARG HOST=args.example:5000
FROM \${HOST}/a AS base
FROM scratch AS other
COPY --from=base /a /a
COPY --from=copies.example/c /c /c
RUN --mount=type=bind,from=mounts.example/m true
FROM busybox
FROM docker.io/library/alpine
`;
  expect(await of(text)).toEqual(["args.example:5000", "copies.example", "mounts.example", "docker.io"]);
  expect(await of(text, { HOST: "told.example", BUILDKIT_SYNTAX: "frontends.example/y" })).toEqual([
    "told.example",
    "copies.example",
    "mounts.example",
    "docker.io",
  ]);
});

test("returns none if no image is named, or none can be resolved", async () => {
  expect(await of("FROM scratch\n")).toEqual([]);
  expect(await of("FROM $UNKNOWN/x\nFROM h.example/UPPER\n")).toEqual([]);
});
