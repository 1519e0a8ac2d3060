import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, runProgram } from "@molecule/testkit/internal";

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
  const { status, stdout } = spawnSync("cosign", ["sign", "--help"], { encoding: "utf8" });
  // Also called without cosign, while a suite that is skipped is declared.
  return status === 0 && stdout.includes("--use-signing-config");
}

/** Creates a signer that keeps its keys below the directory. It adds signatures to no log, so it needs no network. */
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
