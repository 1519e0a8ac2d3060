import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { RegistryReply, RunResult } from "@molecule/core";
import { fakeCosign, printedClaims, signatureClaim } from "@molecule/test-fixtures";
import { imageVerification } from "./verify-image.js";
import type { VerifyOption } from "./verify-option.js";

/*
 * With a fake cosign. The tests of registry-pull use the real one.
 */

const digest = `sha256:${"a".repeat(64)}`;
const tag = "r.example/acme/workspace-template-hermes:latest";
const repository = "r.example/acme/workspace-template-hermes";
const name = `${repository}@${digest}`;
const keyless = {
  identity: "https://ci.example/acme/.github/workflows/release.yml@refs/heads/main",
  issuer: "https://token.example",
};
const never = new AbortController().signal;

const stated = (reference: string, more: object = {}): object => ({
  ...signatureClaim(reference, digest),
  ...more,
});

interface Fake {
  readonly verify?: VerifyOption;
  readonly result?: Partial<RunResult>;
  readonly reply?: RegistryReply | undefined;
  readonly env?: Record<string, string>;
}

function verifying({ verify = keyless, result = {}, reply = { digest }, env = {} }: Fake) {
  const { run, runs } = fakeCosign(result);
  const engine = { askRegistry: async () => reply };
  const unused = () => Promise.reject(new Error("unused"));
  const registryClient = {
    resolveDigest: async () => digest,
    readImage: unused,
    tagImage: unused,
  };
  const verification = imageVerification(
    { verify, option: "options.mine.verify" },
    { engine, registryClient, env, run },
  );
  return {
    runs,
    verification,
    verify: (reference = tag) => verification.verify(reference, { signal: never }),
  };
}
const printing = (...claims: readonly unknown[]): Fake => ({ result: printedClaims(...claims) });

describe("a keyless policy", () => {
  test("passes the identity and the issuer, and lets cosign check the transparency log", async () => {
    const { verify, runs } = verifying(printing(stated(repository)));
    expect(await verify()).toMatchObject({ reference: name });
    expect(runs.map(({ command, args }) => [command, ...args])).toEqual([
      [
        "cosign",
        "verify",
        `--certificate-identity=${keyless.identity}`,
        `--certificate-oidc-issuer=${keyless.issuer}`,
        "--output=json",
        "--",
        name,
      ],
    ]);
  });

  test("has another ID for another identity or issuer", async () => {
    const idOf = (verify: VerifyOption): Promise<string> => verifying({ verify }).verification.policyId();
    const ids = await Promise.all([
      idOf(keyless),
      idOf({ ...keyless, identity: "x" }),
      idOf({ ...keyless, issuer: "x" }),
      idOf({ identity: keyless.issuer, issuer: keyless.identity }),
    ]);
    expect(new Set(ids).size).toBe(4);
    expect(await idOf({ ...keyless })).toBe(ids[0]);
  });
});

describe("a key", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "mol-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test.each([
    ["does not exist", undefined, "it does not exist"],
    ["is empty", "", "not a public key"],
    ["is a private key", "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nx\n", "not a public key"],
    ["is something else", "a:b\n", "not a public key"],
  ])("that %s is CONFIG_INVALID, and nothing is contacted", async (_what, content, why) => {
    const key = join(directory, "cosign.pub");
    await rm(key, { force: true });
    if (content !== undefined) await writeFile(key, content);
    const { verify, verification, runs } = verifying({ verify: { key } });
    for (const call of [verify, () => verification.policyId()])
      await expect(call()).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringMatching(`/cosign[.]pub: .*${why}`),
        hint: expect.stringContaining("cosign.pub"),
      });
    expect(runs).toEqual([]);
  });

  test("that is a directory is CONFIG_INVALID", async () => {
    const { verify } = verifying({ verify: { key: directory } });
    await expect(verify()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});

describe("output that proves nothing is SOURCE_MISMATCH", () => {
  const other = `sha256:${"b".repeat(64)}`;
  test.each<readonly [string, string]>([
    ["nothing", ""],
    ["no JSON", "Verified OK"],
    ["no list", JSON.stringify(stated(repository))],
    ["an empty list", "[]"],
    ["junk", JSON.stringify([null, 1, [], { critical: 1 }, { optional: { repository: 7 } }])],
    ["another digest", JSON.stringify([stated(repository)]).replace(digest, other)],
    ["another repository", JSON.stringify([stated(repository.replace("hermes", "codex"))])],
    ["another registry", JSON.stringify([stated(repository.replace("r.example", "r.example:5000"))])],
    ["a longer repository", JSON.stringify([stated(`${repository}/x`)])],
    [
      "no repository, but that of the request",
      JSON.stringify([stated(name)]).replace(
        /"type":"[^"]*"/,
        '"type":"https://sigstore.dev/cosign/sign/v1"',
      ),
    ],
    [
      "two signatures that prove one half each",
      JSON.stringify([
        stated("r.example/x"),
        JSON.parse(JSON.stringify(stated(repository)).replace(digest, other)),
      ]),
    ],
  ])("%s", async (_what, stdout) => {
    await expect(verifying({ result: { stdout } }).verify()).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
    });
  });

  test("the signer may name the repository with a tag, in either place, beside signatures for others", async () => {
    for (const claim of [
      stated(`${repository}:1.2`),
      stated("r.example/other", { optional: { repository } }),
      { ...stated("x"), optional: { repository: `${repository}:latest` } },
    ])
      expect(await verifying(printing(stated("r.example/x"), claim)).verify()).toMatchObject({
        reference: name,
      });
  });
});

describe("a failure of cosign", () => {
  // Measured on 2.5.0 and 3.1.1, unless marked.
  test.each<readonly [string, number, string]>([
    [
      "SOURCE_MISMATCH",
      10,
      "Error: no signatures found\nerror during command execution: no signatures found",
    ],
    [
      "SOURCE_MISMATCH",
      12,
      "Error: no matching signatures: invalid signature when validating ASN.1 encoded signature",
    ],
    [
      "SOURCE_MISMATCH",
      1,
      "Error: no matching attestations: failed to verify signature: could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1",
    ],
    ["SOURCE_MISMATCH", 1, "Error: unknown flag: --insecure-ignore-tlog"],
    // Composed: a signature must not be able to claim that the registry is down.
    [
      "SOURCE_MISMATCH",
      12,
      "Error: no matching signatures: dial tcp 127.0.0.1:1: connect: connection refused",
    ],
    [
      "SOURCE_UNREACHABLE",
      1,
      'Error: Get "https://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused; Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    ],
    [
      "SOURCE_UNREACHABLE",
      1,
      'Error: getting Rekor public keys: updating local metadata and targets: error updating to TUF remote mirror: tuf: failed to download 13.root.json: Get "https://tuf-repo-cdn.sigstore.dev/13.root.json": dial tcp: lookup tuf-repo-cdn.sigstore.dev on 10.0.0.1:53: no such host',
    ],
  ])("is %s, exit status %d: %s", async (code, exitCode, stderr) => {
    const { verify } = verifying({ result: { exitCode, stderr } });
    await expect(verify()).rejects.toMatchObject({ code, message: expect.stringContaining(name) });
  });

  test("to start is TOOL_MISSING", async () => {
    const { verify } = verifying({ result: { ended: "not-found", exitCode: null } });
    await expect(verify()).rejects.toMatchObject({
      code: "TOOL_MISSING",
      hint: expect.stringContaining("apt-get install cosign"),
    });
  });

  test.each(["timed-out", "too-much-output"] as const)("that is %s proves nothing", async (ended) => {
    const { verify } = verifying({
      result: { ended, exitCode: null, stdout: JSON.stringify([stated(repository)]) },
    });
    await expect(verify()).rejects.toMatchObject({
      code: ended === "timed-out" ? "SOURCE_UNREACHABLE" : "SOURCE_MISMATCH",
    });
  });
});

test("a registry that the engine reaches without verified TLS is allowed for cosign too", async () => {
  const { verify, runs } = verifying({
    ...printing(stated(repository)),
    reply: { digest, isInsecure: true },
  });
  await verify();
  expect(runs[0]?.args).toEqual(
    expect.arrayContaining(["--allow-http-registry=true", "--allow-insecure-registry=true"]),
  );
});

test("an invalid digest is refused before cosign is run", async () => {
  for (const bad of ["", "sha256:0", "--help"]) {
    const { verify, runs } = verifying({ reply: { digest: bad } });
    await expect(verify()).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(runs).toEqual([]);
  }
});

test("cosign gets the variables of the user, but none of this project and no relative PATH", async () => {
  const env = {
    PATH: "bin:/usr/bin:.",
    HOME: "/home/me",
    DOCKER_CONFIG: "/d",
    AWS_PROFILE: "x",
    MOLECULE_GITEA_TOKEN: "t",
  };
  const { verify, runs } = verifying({ ...printing(stated(repository)), env });
  await verify();
  expect(runs[0]?.env).toEqual({
    PATH: "/usr/bin",
    HOME: "/home/me",
    DOCKER_CONFIG: "/d",
    AWS_PROFILE: "x",
    LC_ALL: "C",
  });
});
