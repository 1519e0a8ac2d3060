import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { diskTree } from "../context/disk-tree.js";
import { refuseRegistries } from "./refuse-registries.js";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "registries-"));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function refuse(text: string, allowed: readonly string[], buildArgs = {}): Promise<void> {
  await writeFile(join(root, "Dockerfile"), text);
  await refuseRegistries(diskTree(root), "Dockerfile", buildArgs, allowed);
}

test.each<[string, string[]]>([
  ["FROM scratch", []],
  ["FROM alpine:3\nFROM acme/tool", ["docker.io"]],
  ["FROM index.docker.io/library/alpine", ["docker.io"]],
  ["# syntax=docker/dockerfile:1\nFROM r.io:5000/x", ["docker.io", "r.io:5000"]],
  ["FROM R.IO/x", ["r.io"]],
  ["FROM localhost/x", ["localhost"]],
  ["FROM a@sha256:" + "a".repeat(64), ["docker.io"]],
])("allows %j with %j", async (text, allowed) => {
  await expect(refuse(text, allowed)).resolves.toBeUndefined();
});

test.each<[string, string[], RegExp]>([
  ["FROM alpine", [], /line 1 of Dockerfile: FROM "alpine" .*docker\.io/],
  [
    "FROM scratch\nFROM canary:5000/x:1",
    ["docker.io"],
    /line 2 of Dockerfile: FROM "canary:5000\/x:1" .*canary:5000/,
  ],
  ["FROM r.io:5001/x", ["r.io:5000", "r.io"], /r\.io:5001/],
  ["FROM r.io.evil.com/x", ["r.io"], /r\.io\.evil\.com/],
  ["# syntax=evil.io/f\nFROM scratch", ["docker.io"], /line 1 of Dockerfile: # syntax "evil\.io\/f"/],
  [
    "FROM scratch\nCOPY --from=evil.io/f / /",
    ["docker.io"],
    /line 2 of Dockerfile: COPY --from "evil\.io\/f"/,
  ],
  ["FROM $X", ["docker.io"], /line 1 of Dockerfile: FROM "\$X" does not determine which image/],
  ["FROM 'a b'", ["docker.io"], /line 1/],
  ["FROM", ["docker.io"], /line 1/],
  ["FROM UPPER", ["docker.io"], /line 1/],
])("rejects %j with %j", async (text, allowed, message) => {
  await expect(refuse(text, allowed)).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
    message: expect.stringMatching(message) as unknown,
    hint: expect.stringContaining("allowedRegistries") as unknown,
  });
});

test("checks the build argument that selects the Dockerfile frontend", async () => {
  const buildArgs = { BUILDKIT_SYNTAX: "evil.io/frontend:1 option" };
  await expect(refuse("FROM scratch", ["evil.io"], buildArgs)).resolves.toBeUndefined();
  await expect(refuse("FROM scratch", ["docker.io"], { BUILDKIT_SYNTAX: "" })).resolves.toBeUndefined();
  await expect(refuse("FROM scratch", ["docker.io"], buildArgs)).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
    message: expect.stringMatching(
      /^the build argument BUILDKIT_SYNTAX "evil\.io\/frontend:1" uses the registry evil/,
    ) as unknown,
  });
});

test("resolves build arguments", async () => {
  const text = "ARG BASE=evil.io/x\nFROM $BASE";
  await expect(refuse(text, ["r.io"], { BASE: "r.io/x" })).resolves.toBeUndefined();
  await expect(refuse(text, ["evil.io"], { BASE: "r.io/x" })).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
  });
});
