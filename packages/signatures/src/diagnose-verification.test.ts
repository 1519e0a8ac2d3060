import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { systemClock, type Finding, type Run, type RunResult } from "@molecule/core";
import { diagnoseVerification } from "./diagnose-verification.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mol-"));
});
afterAll(() => rm(directory, { recursive: true }));

const version = "  ____\n\nGitVersion:    v3.1.1\nGitCommit:     unknown\n";
async function diagnosed(key: string, result: Partial<RunResult>): Promise<ReadonlyMap<string, Finding>> {
  const run: Run = async () => ({ exitCode: 0, stdout: "", stderr: "", ended: "itself", ...result });
  const { signal } = new AbortController();
  const findings = await diagnoseVerification(
    { verify: { key }, option: "options.mine.verify" },
    { env: {}, run, clock: systemClock },
    { signal },
  );
  return new Map(findings.map((finding) => [finding.id, finding]));
}

test("cosign and the key are findings of their own", async () => {
  const key = join(directory, "cosign.pub");
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeFile(key, publicKey.export({ type: "spki", format: "pem" }));
  const good = await diagnosed(key, { stdout: version });
  expect(good.get("cosign")).toMatchObject({ ok: true, message: "v3.1.1" });
  expect(good.get("verify")).toMatchObject({
    ok: true,
    message: `options.mine.verify requires a signature by the key ${key}`,
  });
  // As Debian builds it.
  const debian = await diagnosed(key, { stdout: version.replace("v3.1.1", "devel") });
  expect(debian.get("cosign")).toMatchObject({ ok: true, message: "is installed" });
});

test("a missing or broken cosign, and an unusable key, are not ok", async () => {
  const bad = await diagnosed(join(directory, "none.pub"), { ended: "not-found", exitCode: null });
  expect(bad.get("cosign")).toMatchObject({
    ok: false,
    message: expect.stringContaining("not in PATH"),
    hint: expect.stringContaining("apt-get install cosign"),
  });
  expect(bad.get("verify")).toMatchObject({
    ok: false,
    message: expect.stringContaining("none.pub: it does not exist"),
  });
  const broken = await diagnosed("/nonexistent", { exitCode: 127, stderr: "Error: exec format error" });
  expect(broken.get("cosign")).toMatchObject({
    ok: false,
    message: expect.stringContaining("exec format error"),
  });
});
