import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { extraCertificates, systemBundle } from "./certificates.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "certificates-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const certificate = rootCertificates[0] ?? "";

test("the file may contain text around the certificates, and the variable may end with a line break", async () => {
  const file = join(root, "ca.pem");
  await writeFile(file, `Our CA\n${certificate}\n`);
  expect(await extraCertificates({ NODE_EXTRA_CA_CERTS: `${file}\n` })).toContain(certificate);
  expect(await extraCertificates({ NODE_EXTRA_CA_CERTS: "" })).toBeUndefined();
});

test("the system's own bundle adds nothing, also through a link", async () => {
  const [bundle, link] = [join(root, "bundle.crt"), join(root, "link.crt")];
  await writeFile(bundle, certificate);
  await symlink(bundle, link);
  const bundles = [join(root, "missing.crt"), bundle];
  expect(await extraCertificates({ NODE_EXTRA_CA_CERTS: link }, bundles)).toBeUndefined();
  expect(await extraCertificates({ NODE_EXTRA_CA_CERTS: bundle }, [link])).toBeUndefined();
  expect(await extraCertificates({ NODE_EXTRA_CA_CERTS: bundle }, [])).toContain(certificate);
});

test("the system's bundle is the first file that can be read", async () => {
  const [file, directory] = [join(root, "bundle.crt"), join(root, "directory.crt")];
  await writeFile(file, certificate);
  await mkdir(directory);
  expect(await systemBundle([join(root, "missing.crt"), directory, file])).toBe(file);
  expect(await systemBundle([directory])).toBeUndefined();
});

test("a bundle that the system's own one hides is added", async () => {
  const [first, second] = [join(root, "first.crt"), join(root, "second.crt")];
  for (const file of [first, second]) await writeFile(file, certificate);
  expect(await extraCertificates({ NODE_EXTRA_CA_CERTS: second }, [first, second])).toContain(certificate);
});

test.each([
  ["a file that does not exist", undefined, "cannot be read: it does not exist"],
  ["an empty file", "", "no certificate"],
  ["a file in another form", "\u0030\u0082", "no certificate"],
  ["a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no certificate"],
  [
    "a certificate that is cut short",
    `${certificate}\n${certificate.slice(0, 200)}\n-----END CERTIFICATE-----`,
    "certificate 2",
  ],
])("rejects %s by name", async (_what, content, why) => {
  const file = join(root, "ca.pem");
  if (content !== undefined) await writeFile(file, content);
  const refused = extraCertificates({ NODE_EXTRA_CA_CERTS: file });
  await expect(refused).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  await expect(refused).rejects.toThrow(file);
  await expect(refused).rejects.toThrow(why);
});

test("rejects a directory", async () => {
  await mkdir(join(root, "certs"));
  const refused = extraCertificates({ NODE_EXTRA_CA_CERTS: join(root, "certs") });
  await expect(refused).rejects.toThrow("cannot be read: it is a directory");
});
