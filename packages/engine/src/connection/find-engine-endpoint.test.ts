import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { findEngineEndpoint } from "./find-engine-endpoint.js";

let home: TemporaryDirectory;
beforeEach(async () => {
  home = await temporaryDirectory();
});
afterEach(() => home.remove());

const find = (env: Record<string, string>, address?: string): ReturnType<typeof findEngineEndpoint> =>
  findEngineEndpoint({ env, home: home.path, address });

async function write(path: string, content: unknown): Promise<void> {
  const file = join(home.path, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
}

async function writeContext(name: string, docker: unknown, pems: readonly string[] = []): Promise<void> {
  const id = createHash("sha256").update(name).digest("hex");
  await write(`.docker/contexts/meta/${id}/meta.json`, { Name: name, Endpoints: { docker } });
  for (const pem of pems) await write(`.docker/contexts/tls/${id}/docker/${pem}.pem`, `${pem} of ${name}`);
}

// Measured with Docker CLI 28.2.2.
test.each([
  ["unix:///run/x.sock", "unix:///run/x.sock"],
  ["unix:///run/x.sock\n", "unix:///run/x.sock"],
  [" unix:///run/x.sock\r\n", "unix:///run/x.sock"],
  ["tcp://127.0.0.1:80\r", "tcp://127.0.0.1:80"],
  ["unix://", "unix:///var/run/docker.sock"],
  ["tcp://127.0.0.1", "tcp://127.0.0.1:2375"],
  ["tcp://127.0.0.1:80", "tcp://127.0.0.1:80"],
  ["tcp://:99", "tcp://localhost:99"],
  ["tcp://", "tcp://localhost:2375"],
  ["tcp://[::1]:1", "tcp://[::1]:1"],
  ["127.0.0.1:1", "tcp://127.0.0.1:1"],
  ["foo", "tcp://foo:2375"],
  ["tcp://user:word@h:1", "tcp://h:1"],
])("DOCKER_HOST=%s is %s", async (written, address) => {
  expect(await find({ DOCKER_HOST: written })).toMatchObject({ address });
});

test.each([
  "ssh://x",
  "npipe://x",
  "fd://",
  "http://127.0.0.1:1",
  "https://127.0.0.1:1",
  "TCP://h:1",
  "tcp://h:1/pre",
  "tcp://h:x",
])("rejects DOCKER_HOST=%s and names the supported schemes", async (written) => {
  await expect(find({ DOCKER_HOST: written })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("DOCKER_HOST"),
    hint: expect.stringContaining("unix://"),
  });
});

test("never shows a password of the address in an error", async () => {
  const finding = find({ DOCKER_HOST: "ssh://user:secret-word@h" });
  await expect(finding).rejects.toMatchObject({ message: expect.not.stringContaining("secret-word") });
});

test("the order is DOCKER_HOST, DOCKER_CONTEXT, configuration, current context, default socket", async () => {
  await writeContext("mine", { Host: "unix:///mine.sock" });
  await writeContext("current", { Host: "unix:///current.sock" });
  const both = { DOCKER_HOST: "unix:///host.sock", DOCKER_CONTEXT: "mine" };
  expect(await find({ DOCKER_HOST: "", DOCKER_CONTEXT: "" })).toMatchObject({
    socketPath: "/var/run/docker.sock",
  });
  await write(".docker/config.json", { currentContext: "current" });
  expect(await find({})).toMatchObject({ socketPath: "/current.sock" });
  expect(await find({}, "unix:///configured.sock")).toMatchObject({ socketPath: "/configured.sock" });
  expect(await find({ DOCKER_CONTEXT: "mine" }, "unix:///c.sock")).toMatchObject({
    socketPath: "/mine.sock",
  });
  expect(await find({ DOCKER_CONTEXT: "default" }, "unix:///c.sock")).toMatchObject({
    socketPath: "/var/run/docker.sock",
  });
  expect(await find(both, "unix:///c.sock")).toMatchObject({ socketPath: "/host.sock" });
});

test.each(["\n", " ", "\t\r\n"])("ignores %j around an address or a context", async (blank) => {
  await writeContext("remote", { Host: `tcp://remote:1${blank}` });
  expect((await find({ DOCKER_CONTEXT: `remote${blank}` })).address).toBe("tcp://remote:1");
  expect((await find({ DOCKER_HOST: blank }, `unix:///own.sock${blank}`)).address).toBe("unix:///own.sock");
  expect((await find({ DOCKER_CONTEXT: blank })).address).toBe("unix:///var/run/docker.sock");
});

test.each(["DOCKER_CONFIG", "DOCKER_CERT_PATH"])(
  "rejects %s with a trailing line break, by name",
  async (name) => {
    const refused = find({ DOCKER_HOST: "tcp://h:1", DOCKER_TLS_VERIFY: "1", [name]: "/etc/docker\n" });
    await expect(refused).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(refused).rejects.toThrow(`${name} ends with a line break: "/etc/docker\\n"`);
  },
);

test("DOCKER_CONFIG moves the contexts", async () => {
  await writeContext("mine", { Host: "unix:///mine.sock" });
  const env = { DOCKER_CONTEXT: "mine" };
  const moved = { ...env, DOCKER_CONFIG: join(home.path, "elsewhere") };
  expect(await find({ ...env, DOCKER_CONFIG: join(home.path, ".docker") })).toMatchObject({
    socketPath: "/mine.sock",
  });
  await expect(find(moved)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});

test("a configuration that cannot be read is reported in words", async () => {
  await write(".docker/config.json/file", "");
  await expect(find({})).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: `${join(home.path, ".docker/config.json")} cannot be read: it is a directory`,
  });
});

describe("invalid JSON is reported", () => {
  test("in a configuration and a context, with its position and without secrets", async () => {
    await write(".docker/config.json", '{\n  "auths": { "r": { "auth": "hunter22" } },\n}');
    const place = join(home.path, ".docker/config.json");
    await expect(find({})).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(find({})).rejects.toThrow(
      `${place} cannot be used: it is not valid JSON: line 2, column 43: trailing comma`,
    );
    await expect(find({})).rejects.not.toThrow("hunter22");
    await writeContext("broken", {});
    const id = createHash("sha256").update("broken").digest("hex");
    await write(`.docker/contexts/meta/${id}/meta.json`, '{ "Endpoints": }');
    await expect(find({ DOCKER_CONTEXT: "broken" })).rejects.toThrow(
      "meta.json cannot be used: it is not valid JSON: line 1, column 16: a value is missing",
    );
  });

  test.each([
    ["a context that does not exist", { DOCKER_CONTEXT: "absent" }, '"absent"'],
    ["metadata that is not JSON", { DOCKER_CONTEXT: "junk" }, "meta.json"],
    ["metadata without a host", { DOCKER_CONTEXT: "empty" }, "Endpoints.docker.Host"],
    ["a context with an unsupported scheme", { DOCKER_CONTEXT: "remote" }, '"remote"'],
    ["a config.json that is not JSON", { DOCKER_CONFIG: "junk" }, "config.json"],
  ])("%s", async (_what, env, text) => {
    await writeContext("empty", {});
    await writeContext("remote", { Host: "ssh://x" });
    await write(`.docker/contexts/meta/${createHash("sha256").update("junk").digest("hex")}/meta.json`, "{");
    await write("junk/config.json", "{");
    const at = "DOCKER_CONFIG" in env ? { DOCKER_CONFIG: join(home.path, "junk") } : env;
    await expect(find(at)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(text),
    });
  });

  test("rejects a configured address that is not supported", async () => {
    await expect(find({}, "ssh://x")).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("`engine`"),
    });
  });
});

describe("TLS", () => {
  test("is enabled by DOCKER_TLS_VERIFY, with files from DOCKER_CERT_PATH or the docker directory", async () => {
    await write("certs/ca.pem", "their ca");
    await write(".docker/ca.pem", "my ca");
    await write(".docker/cert.pem", "my cert");
    await write(".docker/key.pem", "my key");
    const env = { DOCKER_HOST: "tcp://h:2376", DOCKER_TLS_VERIFY: "1" };
    expect(await find(env)).toMatchObject({
      tls: { ca: "my ca", cert: "my cert", key: "my key", verify: true },
    });
    expect(await find({ ...env, DOCKER_CERT_PATH: join(home.path, "certs") })).toMatchObject({
      tls: { ca: "their ca", cert: undefined, key: undefined, verify: true },
    });
    expect(await find({ ...env, DOCKER_TLS_VERIFY: "" })).toMatchObject({ tls: undefined });
  });

  test("without a host uses this machine's TLS port, as the docker CLI does", async () => {
    await write(".docker/ca.pem", "my ca");
    expect(await find({ DOCKER_TLS_VERIFY: "1" })).toMatchObject({ address: "tcp://localhost:2376" });
  });

  test("requires a ca.pem", async () => {
    const finding = find({ DOCKER_HOST: "tcp://h:2376", DOCKER_TLS_VERIFY: "1" });
    await expect(finding).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("ca.pem"),
    });
  });

  test("is enabled by a context that has TLS files or skips verification", async () => {
    await writeContext("plain", { Host: "tcp://h:1" });
    await writeContext("skips", { Host: "tcp://h:1", SkipTLSVerify: true });
    await writeContext("has", { Host: "tcp://h:1" }, ["ca", "cert", "key"]);
    expect(await find({ DOCKER_CONTEXT: "plain" })).toMatchObject({ tls: undefined });
    expect(await find({ DOCKER_CONTEXT: "skips" })).toMatchObject({ tls: { ca: undefined, verify: false } });
    expect(await find({ DOCKER_CONTEXT: "has" })).toMatchObject({
      tls: { ca: "ca of has", key: "key of has", verify: true },
    });
  });
});
