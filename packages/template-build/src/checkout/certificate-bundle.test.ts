import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { rootCertificates } from "node:tls";
import { writeCertificateBundle } from "./certificate-bundle.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bundle-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("adds NODE_EXTRA_CA_CERTS to the default certificates", async () => {
  const extra = join(root, "extra.pem");
  await writeFile(extra, `# ours\n${rootCertificates[0] ?? ""}`);

  expect(await writeCertificateBundle(join(root, "all.pem"), { NODE_EXTRA_CA_CERTS: extra })).toBe(true);

  const all = await readFile(join(root, "all.pem"), "utf8");
  expect(all.split("BEGIN CERTIFICATE").length).toBeGreaterThan(50);
  expect(all).toContain("# ours");
});

test("keeps git's own certificates without it", async () => {
  for (const NODE_EXTRA_CA_CERTS of [undefined, ""]) {
    expect(await writeCertificateBundle(join(root, "all.pem"), { NODE_EXTRA_CA_CERTS })).toBe(false);
  }
  expect(await readdir(root)).toEqual([]);
});

test("rejects an unreadable one, as for lookups", async () => {
  const NODE_EXTRA_CA_CERTS = join(root, "absent.pem");
  await expect(writeCertificateBundle(join(root, "all.pem"), { NODE_EXTRA_CA_CERTS })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(NODE_EXTRA_CA_CERTS) as unknown,
  });
});
