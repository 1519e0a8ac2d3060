import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { rootCertificates } from "node:tls";
import type { WorkDirectory } from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { writeCertificateBundle } from "./certificate-bundle.js";

let root: string;
let work: WorkDirectory;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bundle-"));
  work = await createStore({ directory: join(root, "cache"), env: {} }).workDirectory("w");
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("adds NODE_EXTRA_CA_CERTS to the default certificates", async () => {
  const extra = join(root, "extra.pem");
  await writeFile(extra, `# ours\n${rootCertificates[0] ?? ""}`);

  expect(await writeCertificateBundle(work, { NODE_EXTRA_CA_CERTS: extra })).toBe(
    join(work.path, "certificates.pem"),
  );

  const all = await readFile(join(work.path, "certificates.pem"), "utf8");
  expect(all.split("BEGIN CERTIFICATE").length).toBeGreaterThan(50);
  expect(all).toContain("# ours");
});

test("keeps git's own certificates without it", async () => {
  for (const NODE_EXTRA_CA_CERTS of [undefined, ""]) {
    expect(await writeCertificateBundle(work, { NODE_EXTRA_CA_CERTS })).toBeUndefined();
  }
  expect(await readdir(work.path)).toEqual([]);
});

test("rejects an unreadable one, as for lookups", async () => {
  const NODE_EXTRA_CA_CERTS = join(root, "absent.pem");
  await expect(writeCertificateBundle(work, { NODE_EXTRA_CA_CERTS })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(NODE_EXTRA_CA_CERTS) as unknown,
  });
});
