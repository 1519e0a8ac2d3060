import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { exitStatusByCode } from "@molecule/core";
import {
  describeWithEngine,
  temporaryDirectory,
  tracesOf,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { helloTemplate, startForge, type Fault, type Forge } from "@molecule/testkit";
import { startArgumentSampler, type ArgumentSampler } from "./argument-sampler.js";
import { startRecordingServer, type RecordingServer } from "./recording-server.js";
import { talkativePlugin } from "./talkative-plugin.js";

/*
 * One token and one password go through successes and failures of the built command, with every option on that prints
 * more than usual. Then every place that could contain them is searched.
 */

const bin = fileURLToPath(new URL("../packages/cli/bin/molecule-image", import.meta.url));
const token = "cn-tok/7f3a9b+2e=c1&d8";
const password = "cn-pw~5d1e8c+4a=b7&f2";
const canaries = [token, password];
const userinfo = `canary:${encodeURIComponent(password)}`;

/** Both secrets, in every form, in messages from servers that should not repeat them. */
const said = canaries
  .flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(`user:${secret}`).toString("base64"),
    JSON.stringify({ secret }),
  ])
  .join(" and ");

/** Files that a user may have; they are not searched, because they contain the canaries. */
const givenFiles: Readonly<Record<string, string>> = {
  "found/.git/x": "",
  "found/.moleculerc": JSON.stringify({
    cacheDir: `/c/${token}`,
    engine: `tcp://canary:${password}@evil:2375`,
  }),
  "missing.json": JSON.stringify({ plugins: [`./${encodeURIComponent(token)}.mjs`] }),
  "broken.json": JSON.stringify({ plugins: ["./broken.mjs"], sources: { local: "broken" } }),
  "broken.mjs": "throw Object.assign(new Error(process.env.SAID), { said: process.env.SAID });",
  "invalid.json": JSON.stringify({ plugins: ["./invalid.mjs"], sources: { local: "invalid" } }),
  "invalid.mjs":
    "export default { name: process.env.SAID, apiVersion: 1, modes: [process.env.SAID], create() {} };",
  "unknown.json": JSON.stringify({ [token]: password, platform: password }),
  "talkative.json": JSON.stringify({ plugins: ["./talkative.mjs"], sources: { local: "talkative" } }),
  "talkative.mjs": talkativePlugin,
  "short.json": JSON.stringify({ timeout: "2s" }),
  "impatient.json": JSON.stringify({ stallAfter: "2s" }),
  file: "no directory",
};

/** For a registry that no test pulls from. */
const registryCredentials = JSON.stringify({
  auths: { "registry.invalid": { auth: Buffer.from(`canary:${password}`).toString("base64") } },
});

/** Every setting known to make programs verbose. */
const loud = {
  DEBUG: "*",
  NODE_DEBUG: "http,https,net,tls,child_process",
  GIT_TRACE: "1",
  GIT_TRACE_CURL: "1",
  GIT_TRACE_PACKET: "1",
  GIT_TRACE_SETUP: "1",
  GIT_TRACE_REDACT: "0",
  GIT_CURL_VERBOSE: "1",
};

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The expected result of one command; each of the forge's `faults` is applied once. */
interface Scenario {
  readonly args: readonly string[];
  readonly status: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly faults?: readonly (readonly ["api" | "git", Fault])[];
  /** Sent while git waits for the forge. */
  readonly signal?: NodeJS.Signals;
}

describeWithEngine({ describe, test }, "canaries", ({ address }) => {
  let directory: TemporaryDirectory;
  /** The user's files; they contain the canaries, so they are not searched. */
  let given: TemporaryDirectory;
  let forge: Forge;
  let other: RecordingServer;
  let proxy: RecordingServer;
  let sampler: ArgumentSampler;
  const isolation = `canary-${randomBytes(4).toString("hex")}`;
  const outputs: string[] = [];

  beforeAll(async () => {
    directory = await temporaryDirectory();
    [forge, other, proxy] = await Promise.all([startForge(), startRecordingServer(), startRecordingServer()]);
    given = await temporaryDirectory();
    for (const name of ["home", "work/.git", "tmp"])
      await mkdir(join(directory.path, name), { recursive: true });
    for (const [name, content] of Object.entries(givenFiles)) {
      await mkdir(dirname(join(given.path, name)), { recursive: true });
      await writeFile(join(given.path, name), content);
    }
    await symlink(process.execPath, join(given.path, "node"));
    forge.requireToken(token);
    const template = helloTemplate();
    const { Dockerfile } = template;
    if (typeof Dockerfile !== "string") throw new Error("the template has no Dockerfile");
    await forge.addTemplate("hermes", template, { private: true });
    const broken = { ...template, Dockerfile: `${Dockerfile}RUN echo fails; exit 3\n` };
    await forge.addTemplate("codex", broken, { private: true });
    await forge.addTemplate("crewai", { "README.md": "no Dockerfile\n" }, { private: true });
    sampler = await startArgumentSampler();
  });

  afterAll(async () => {
    for (const [, reference] of outputs.join("").matchAll(/"reference":"(molecule-local\/[^"]+)"/g))
      await engine("DELETE", `/images/${String(reference)}?force=1`);
    await engine("DELETE", `/containers/${isolation}-busy?force=1`);
    await Promise.all([forge.stop(), other.stop(), proxy.stop()]);
    await Promise.all([directory.remove(), given.remove()]);
  });

  /** Sends one request to the engine, bypassing the code under test. */
  function engine(method: string, path: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: address.replace(/^unix:\/\//, ""), method, path }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject).on("end", () => {
          const body = Buffer.concat(chunks);
          const status = answer.statusCode ?? 0;
          if (status < 400 || method === "DELETE") resolve(body);
          else reject(new Error(`${method} ${path}: ${String(status)} ${body.toString()}`));
        });
      });
      asked.on("error", reject).end();
    });
  }

  async function run({ args, env = {}, faults = [], signal }: Scenario): Promise<Outcome> {
    for (const [match, fault] of faults) forge.fault(match, fault);
    const before = forge.gitRequests().length;
    const child = spawn(bin, [...args.slice(0, 1), "--log-level", "debug", ...args.slice(1)], {
      cwd: join(directory.path, "work"),
      env: {
        PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
        HOME: join(directory.path, "home"),
        TMPDIR: join(directory.path, "tmp"),
        DOCKER_HOST: address,
        DOCKER_AUTH_CONFIG: registryCredentials,
        HTTPS_PROXY: `http://${userinfo}@${proxy.host}`,
        MOLECULE_GITEA_TOKEN: token,
        MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: forge.repoPrefix(),
        MOLECULE_LOCAL_IMAGE_ISOLATION: isolation,
        GIT_TRACE2: join(directory.path, "home", "trace2"),
        ...loud,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on("error", reject).on("close", resolve);
    });
    if (signal !== undefined) {
      while (forge.gitRequests().length === before) await sleep(10);
      child.kill(signal);
    }
    const status = await ended;
    forge.clearFaults();
    outputs.push(stdout, stderr);
    return { status, stdout, stderr };
  }

  const config = (name: string): readonly string[] => ["--config", join(given.path, name)];
  const says = `the token ${token}, as ${encodeURIComponent(token)}, as ${Buffer.from(token).toString("base64")}`;
  const answering = (status: number): Fault => ({
    status,
    // A status that may pass is waited for, unless the server asks for longer than that.
    headers: { "content-type": "application/json", "x-token": token, "retry-after": "3600" },
    body: JSON.stringify({ message: says }),
  });
  const leading = (status: number, path: string): Fault => ({
    status,
    headers: { location: `http://${other.host}${path}?t=${encodeURIComponent(token)}` },
  });
  const nowhere = "unix:///nonexistent/d.sock";
  const registry = (prefix: string) => ({ MOLECULE_IMAGE_REGISTRY: prefix });
  const prefix = (value: string) => ({ MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: value });
  const twice = (args: readonly string[]): readonly (readonly string[])[] => [args, [...args, "--json"]];

  // Created inside the test, because the servers run only then.
  const scenarios: readonly (readonly [string, () => readonly Scenario[]])[] = [
    [
      "a build, a hit and what tells of them",
      () => [
        ...twice(["plan", "hermes"]).map((args) => ({ args, status: 0 })),
        { args: ["ensure", "hermes", "--progress", "plain"], status: 0 },
        { args: ["ensure", "hermes", "--json"], status: 0 },
        { args: ["refresh", "hermes", "--json", "--progress", "json"], status: 0 },
        ...["list", "config", "sources"].flatMap((command) =>
          twice([command]).map((args) => ({ args, status: 0 })),
        ),
        { args: ["run", "hermes", "--rm"], status: 0 },
        { args: ["run", "hermes", "--json", "--name", isolation], status: 0 },
      ],
    ],
    ["a build that fails", () => twice(["ensure", "codex", "hermes"]).map((args) => ({ args, status: 5 }))],
    [
      "a forge that repeats the token",
      () =>
        [401, 403, 404, 418, 500, 200].flatMap((code) =>
          twice(["refresh", "hermes"]).flatMap((args) => [
            { args, status: 3, faults: [["api", answering(code)] as const] },
            { args, status: 3, faults: [["git", answering(code)] as const] },
          ]),
        ),
    ],
    [
      "a redirect to another origin",
      () =>
        [301, 307].flatMap((code) =>
          twice(["refresh", "hermes"]).flatMap((args) => [
            { args, status: 3, faults: [["api", leading(code, "/api/v1/repos/a/b/branches/main")] as const] },
            { args, status: 3, faults: [["git", leading(code, "/a/b.git/info/refs")] as const] },
          ]),
        ),
    ],
    [
      "a cancel while git fetches",
      () =>
        (["SIGINT", "SIGTERM"] as const).map((signal) => ({
          args: ["refresh", "hermes"],
          status: signal === "SIGINT" ? 130 : 143,
          faults: [["git", { hang: true }] as const],
          signal,
        })),
    ],
    [
      "an engine that is down",
      () => twice(["ensure", "hermes"]).map((args) => ({ args, status: 4, env: { DOCKER_HOST: nowhere } })),
    ],
    [
      "a registry with a password in its name, and one that is down",
      () => [
        ...[
          `http://${userinfo}@${other.host}/a`,
          `${userinfo}@${other.host}`,
          `canary:${password}@x/a`,
        ].flatMap((value) => [
          ...twice(["ensure", "hermes"]).map((args) => ({ args, status: 2, env: registry(value) })),
          ...["config", "sources"].flatMap((command) =>
            twice([command]).map((args) => ({ args, status: 0, env: registry(value) })),
          ),
        ]),
        ...twice(["ensure", "hermes"]).map((args) => ({ args, status: 3, env: registry("127.0.0.1:1/a") })),
      ],
    ],
    [
      "a repository prefix with a password in it, or of another machine without TLS",
      () =>
        [
          `http://${userinfo}@${other.host}/a/t-`,
          `http://canary:${password}@[/a`,
          "http://forge.invalid/a/t-",
        ].flatMap((value) => [
          ...twice(["ensure", "hermes"]).map((args) => ({ args, status: 2, env: prefix(value) })),
          ...twice(["config"]).map((args) => ({ args, status: 0, env: prefix(value) })),
        ]),
    ],
    [
      "a proxy that refuses, and one that is no URL",
      () => [
        ...twice(["ensure", "hermes"]).map((args) => ({
          args,
          status: 3,
          env: prefix("https://forge.invalid/a/t-"),
        })),
        ...twice(["ensure", "hermes"]).map((args) => ({
          args,
          status: 2,
          env: { ...prefix("https://forge.invalid/a/t-"), HTTPS_PROXY: `ftp://canary:${password}@x` },
        })),
      ],
    ],
    [
      "arguments that nobody understands",
      () =>
        [
          ["ensure", "hermes", `--${token}`],
          [token],
          ["config", "--config", token],
          ["ensure", token],
          ["ensure", "hermes", "--platform", password],
        ].flatMap((args) => twice(args).map((all) => ({ args: all, status: 2 }))),
    ],
    [
      "files of a project and plugins that hold them",
      () =>
        [
          ["config", "--cwd", join(given.path, "found")],
          ["ensure", "hermes", ...config("missing.json")],
          ["ensure", "hermes", ...config("broken.json")],
          ["ensure", "hermes", ...config("invalid.json")],
          ["ensure", "hermes", ...config("unknown.json")],
        ].flatMap((args) => twice(args).map((all) => ({ args: all, status: 2, env: { SAID: said } }))),
    ],
    [
      "a source that fails in every way and says all it knows",
      () =>
        Object.entries(exitStatusByCode).flatMap(([CODE, status]) =>
          twice(["ensure", "hermes", ...config("talkative.json"), "--progress", "plain"]).map((args) => ({
            args,
            status,
            env: { SAID: said, CODE },
          })),
        ),
    ],
    [
      "a template that cannot be built, a machine that lacks something, and time that is up",
      () => [
        ...twice(["ensure", "crewai"]).map((args) => ({ args, status: 5 })),
        ...twice(["refresh", "hermes"]).map((args) => ({ args, status: 4, env: { PATH: given.path } })),
        ...twice(["refresh", "hermes"]).map((args) => ({
          args,
          status: 4,
          env: { MOLECULE_LOCAL_BUILD_CACHE: join(given.path, "file") },
        })),
        ...["short.json", "impatient.json"].flatMap((name) =>
          twice(["refresh", "hermes", ...config(name)]).map((args) => ({
            args,
            status: 6,
            faults: [["git", { hang: true }] as const],
          })),
        ),
      ],
    ],
    [
      "containers that do not start, and one that is in the way",
      () => [
        ...twice(["run", "hermes"]).map((args) => ({
          args: [...args, "--rm", "--log-level", "debug", "--", "/nonexistent"],
          status: 4,
        })),
        {
          args: ["run", "hermes", "--detach", "--name", `${isolation}-busy`, "--", "/bin/sleep", "600"],
          status: 0,
        },
        ...twice(["run", "hermes", "--name", `${isolation}-busy`]).map((args) => ({ args, status: 4 })),
      ],
    ],
  ];

  test.each(scenarios)(
    "are not shown by %s",
    async (_what, made) => {
      for (const scenario of made()) {
        const { status, stdout, stderr } = await run(scenario);
        const what = [...scenario.args, JSON.stringify(scenario.env ?? {})].join(" ");
        expect([what, status, stderr]).toEqual([what, scenario.status, stderr]);
        expect([what, tracesOf(canaries, stdout), tracesOf(canaries, stderr)]).toEqual([what, [], []]);
      }
    },
    240_000,
  );

  test("were used: the forge got the token, the proxy the password, and debug output was on", () => {
    const shown = forge.requests.map(({ headers }) => headers.authorization);
    expect(shown).toContain(`token ${token}`);
    expect(shown).toContain(`Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`);
    const sent = Buffer.from(`canary:${password}`).toString("base64");
    expect(proxy.received().toLowerCase()).toContain(`proxy-authorization: basic ${sent}`.toLowerCase());
    expect(outputs.join("")).toMatch(/^HTTP \d+: /m);
    expect(outputs.join("")).toContain("***");
  });

  test("went through every kind of failure", () => {
    const codes = outputs.join("\n").matchAll(/\[([A-Z_]+)\]$|"code":"([A-Z_]+)"/gm);
    const seen = new Set([...codes].map(([, shown, inJson]) => shown ?? inJson));
    expect(Object.keys(exitStatusByCode).filter((code) => !seen.has(code))).toEqual([]);
  });

  test("are in no file below the home, the cache and the temporary directory, and in no file name", async () => {
    const entries = await readdir(directory.path, { recursive: true, withFileTypes: true });
    expect(entries.map(({ name }) => name)).toContain("Dockerfile");
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      const content = entry.isFile()
        ? await readFile(path)
        : entry.isSymbolicLink()
          ? await readlink(path)
          : "";
      expect([path, tracesOf(canaries, path), tracesOf(canaries, content)]).toEqual([path, [], []]);
    }
    // The token alone would be enough: this shows that the detector finds it here.
    await writeFile(
      join(directory.path, "tmp", "control"),
      `x${Buffer.from(`--${token}`).toString("base64")}`,
    );
    expect(tracesOf(canaries, await readFile(join(directory.path, "tmp", "control")))).not.toEqual([]);
  });

  test("are in no layer, label or history entry of the image, and not in the container", async () => {
    const ids = new Set(
      [...outputs.join("").matchAll(/"imageId":"(sha256:[0-9a-f]{64})"/g)].map(([, id]) => id),
    );
    expect(ids.size).toBeGreaterThan(0);
    // `list` also names images that other tests left on this engine; they contain no canary either.
    let own = 0;
    for (const id of ids) {
      for (const part of ["get", "json", "history"]) {
        const content = await engine("GET", `/images/${String(id)}/${part}`);
        expect([part, tracesOf(canaries, content)]).toEqual([part, []]);
        if (part === "get" && tracesOf(["Hello from a workspace."], content).length > 0) own += 1;
      }
    }
    // Checks that the right layers are searched: they contain the template's own text.
    expect(own).toBeGreaterThan(0);
    const container = await engine("GET", `/containers/${isolation}/json`);
    expect(container.toString()).toContain(isolation);
    expect(tracesOf(canaries, container)).toEqual([]);
    await engine("DELETE", `/containers/${isolation}?force=1`);
  });

  test("were sent to no other origin", () => {
    expect(tracesOf(canaries, other.received())).toEqual([]);
    expect(tracesOf([token], proxy.received())).toEqual([]);
    expect(proxy.received()).toContain("CONNECT forge.invalid:443");
  });

  test("were in no argument of any process", async () => {
    const control = `canary-control-${randomBytes(4).toString("hex")}`;
    // Long enough for one sample, however little CPU time the sampler gets.
    const shell = spawn("/bin/sh", ["-c", "sleep 3", control]);
    await new Promise((resolve) => shell.on("close", resolve));
    // The arguments of the command itself are typed by the user.
    const seen = (await sampler.stop()).filter((line) => !line.includes(bin));
    expect(seen.some((line) => line.includes(control))).toBe(true);
    expect(seen.some((line) => /\bgit\b.* fetch --depth=1/.test(line))).toBe(true);
    expect(seen.filter((line) => tracesOf(canaries, line).length > 0)).toEqual([]);
  });
});

test.each([
  ["as it is", (secret: string) => secret],
  ["URL-encoded", encodeURIComponent],
  ["URL-encoded in lower case", (secret: string) => encodeURIComponent(secret).toLowerCase()],
  ["in base64", (secret: string) => Buffer.from(secret).toString("base64")],
  ["in base64 after one byte", (secret: string) => Buffer.from(`x${secret}yz`).toString("base64")],
  ["in base64 after two bytes", (secret: string) => Buffer.from(`xx${secret}y`).toString("base64")],
  ["in base64url after a user", (secret: string) => Buffer.from(`user:${secret}`).toString("base64url")],
])("the detector finds a secret %s", (_form, encode) => {
  for (const secret of canaries) {
    expect(tracesOf(canaries, `before ${encode(secret)} after`)).not.toEqual([]);
    expect(tracesOf(canaries, Buffer.from(`\0${encode(secret)}\0`))).not.toEqual([]);
  }
  expect(tracesOf(canaries, `before ${encode("something else of that kind")} after`)).toEqual([]);
});
