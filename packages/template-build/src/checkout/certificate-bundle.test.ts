import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { silentLog } from "@molecule/core";
import { writeCertificateBundle } from "./certificate-bundle.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bundle-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("NODE_EXTRA_CA_CERTS is added to the certificates that are trusted anyway", async () => {
  const extra = join(root, "extra.pem");
  await writeFile(extra, "-----BEGIN CERTIFICATE-----\nextra\n-----END CERTIFICATE-----");

  expect(await writeCertificateBundle(join(root, "all.pem"), { NODE_EXTRA_CA_CERTS: extra }, silentLog)).toBe(
    true,
  );

  const all = await readFile(join(root, "all.pem"), "utf8");
  expect(all.split("BEGIN CERTIFICATE").length).toBeGreaterThan(50);
  expect(all).toContain("\nextra\n");
});

test("without it, or when it cannot be read, git keeps its own", async () => {
  for (const NODE_EXTRA_CA_CERTS of [undefined, "", join(root, "absent.pem")]) {
    expect(await writeCertificateBundle(join(root, "all.pem"), { NODE_EXTRA_CA_CERTS }, silentLog)).toBe(
      false,
    );
  }
});
