import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { accessSync, constants } from "node:fs";
import { runProgram, findProgram } from "@molecule/testkit/internal";
import type { Need } from "@molecule/test-fixtures";

/**
 * The real cosign. Debian 12 has none, so without it the suites are skipped there; in the test matrix, whose systems all
 * have it, they fail.
 */
export function cosignNeed(): Need | undefined {
  const places = (process.env.PATH ?? "").split(delimiter);
  const isPresent = places.some((place) => {
    try {
      accessSync(join(place, "cosign"), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (isPresent) return { what: "cosign", missing: undefined };
  return (process.env.MOLECULE_TEST_KIND ?? "") === ""
    ? undefined
    : { what: "cosign", missing: "it is not in PATH" };
}

/** A key pair. */
export interface SigningKey {
  /** The file with the public key. */
  readonly publicKey: string;
  readonly directory: string;
}

/** Signs images with the real cosign. */
export interface Signer {
  makeKey(): Promise<SigningKey>;
  /**
   * Signs an image by its digest.
   * @param format `stated`: the signature states its repository; `bundle`: the default of cosign 3, which does not
   */
  sign(
    reference: string,
    key: SigningKey,
    options?: {
      readonly format?: "stated" | "bundle";
      readonly annotations?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
    },
  ): Promise<void>;
}

/** Whether this cosign makes and verifies bundles, as version 3 does. */
export function makesBundles(): boolean {
  const { stdout } = spawnSync("cosign", ["sign", "--help"], { encoding: "utf8" });
  return stdout.includes("--use-signing-config");
}

export async function createSigner(directory: string): Promise<Signer> {
  const cosign = await findProgram("cosign", "cosign");
  await mkdir(directory, { recursive: true });
  const base = { HOME: directory, COSIGN_PASSWORD: "of a test" };
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> =>
    runProgram(cosign, args, { env: { ...base, ...env }, cwd: directory });
  const isNew = makesBundles();
  const offline = ["--tlog-upload=false", ...(isNew ? ["--use-signing-config=false"] : [])];
  return {
    async makeKey() {
      const place = await mkdtemp(join(directory, "key-"));
      await runProgram(cosign, ["generate-key-pair"], { env: base, cwd: place });
      return { publicKey: join(place, "cosign.pub"), directory: place };
    },
    async sign(reference, key, { format = "stated", annotations = [], env = {} } = {}) {
      const ofFormat = isNew && format === "stated" ? ["--new-bundle-format=false"] : [];
      const named = annotations.map((annotation) => `--annotations=${annotation}`);
      const args = [
        "sign",
        "--yes",
        "--key",
        join(key.directory, "cosign.key"),
        ...offline,
        ...ofFormat,
        ...named,
      ];
      await run([...args, reference], env);
    },
  };
}

/** Writes a docker configuration with a user and password; returns its directory. */
export async function writeDockerConfig(
  directory: string,
  host: string,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<string> {
  const auth = Buffer.from(`${user}:${password}`).toString("base64");
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }));
  return directory;
}

/** Copies the signature of an image, which states its repository, to another repository of the same registry. */
export async function copySignature(from: string, to: string, digest: string): Promise<void> {
  const urlOf = (reference: string): string => reference.replace("/", "/v2/").replace(/^/, "http://");
  const name = `manifests/${digest.replace(":", "-")}.sig`;
  const send = async (url: string, init?: RequestInit): Promise<string> => {
    const response = await fetch(url, init);
    if (!response.ok) throw new Error(`${url}: ${String(response.status)} ${await response.text()}`);
    return response.text();
  };
  const accept = "application/vnd.oci.image.manifest.v1+json";
  const manifest = await send(`${urlOf(from)}/${name}`, { headers: { accept } });
  const source = from.slice(from.indexOf("/") + 1);
  for (const blob of new Set(manifest.match(/sha256:[0-9a-f]{64}/g)))
    await send(`${urlOf(to)}/blobs/uploads/?mount=${blob}&from=${source}`, { method: "POST" });
  await send(`${urlOf(to)}/${name}`, { method: "PUT", headers: { "content-type": accept }, body: manifest });
}
