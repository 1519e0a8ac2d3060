import { describe, expect, test } from "@jest/globals";
import { escapeControls } from "@molecule/core";
import type { Fault } from "@molecule/testkit";
import { hermesApi, token, withForge } from "./gitea-forge.test.support.js";

const lookUps = withForge();
const maxBytes = 65_536;
const branchWith = (commit: string): string => `{"name":"main","commit":${commit}}`;

function json(status: number, message: string): Fault {
  return { status, body: JSON.stringify({ message }) };
}

describe("an error response of the forge", () => {
  test.each([
    [400, "SOURCE_MALFORMED", "Gitea API"],
    [401, "SOURCE_DENIED", "user does not exist"],
    [403, "SOURCE_DENIED", "token scope is limited"],
    [404, "SOURCE_NOT_FOUND", "not found"],
    [429, "SOURCE_UNREACHABLE", "429"],
    [500, "SOURCE_UNREACHABLE", "500"],
    [502, "SOURCE_UNREACHABLE", "502"],
  ])("%i fails with %s", async (status, code, expected) => {
    lookUps.forge.fault(
      "api",
      json(status, status === 401 ? "user does not exist [uid: 0, name: ]" : expected),
    );
    const failure = await lookUps.failure({ branch: "main" });
    expect(failure).toMatchObject({ code });
    expect(failure.message).toContain(expected);
    expect(failure.message).toContain(`${lookUps.forge.baseUrl}${hermesApi}/branches/main`);
  });

  test.each([401, 403, 404])("%i names the token's variable in its hint", async (status) => {
    lookUps.forge.fault("api", json(status, ""));
    expect((await lookUps.failure()).hint).toContain("MOLECULE_GITEA_TOKEN");
  });

  test.each<[number, Record<string, string>, unknown]>([
    [429, { "retry-after": "3" }, { afterMs: 3_000 }],
    [
      503,
      { "retry-after": "Tue, 24 Nov 2026 10:00:05 GMT", date: "Tue, 24 Nov 2026 10:00:00 GMT" },
      { afterMs: 5_000 },
    ],
    [500, {}, {}],
    [401, { "retry-after": "3" }, null],
    [403, {}, null],
    [404, {}, null],
    [400, {}, null],
  ])("%i with %j is temporary: %j", async (status, headers, transient) => {
    lookUps.forge.fault("api", { status, headers, body: "{}" });
    const failure = await lookUps.failure({ branch: "main" });
    expect(failure.transient).toEqual(transient);
  });

  test("is not quoted if it is not JSON", async () => {
    lookUps.forge.fault("api", { status: 500, body: "<html>oops</html>" });
    expect((await lookUps.failure()).message).not.toContain("oops");
  });

  test("shows no token and no control character from the forge's message", async () => {
    lookUps.forge.fault("api", json(500, `bad token ${token} \u001b]0;pwn\u0007\nsecond line`));
    const { message } = await lookUps.failure({ token });
    expect(message).toContain("bad token ***");
    expect(message).not.toContain(token);
    expect(message).toBe(escapeControls(message).replaceAll("\n", " "));
  });

  test.each(Array.from({ length: token.length + 1 }, (_, index) => 200 - index))(
    "is not shortened inside the token: %i",
    async (offset) => {
      lookUps.forge.fault("api", json(500, `${"x".repeat(offset - 1)} ${token}`.padEnd(300, " y")));
      const { message } = await lookUps.failure({ token });
      expect(message).not.toContain(token.slice(0, 4));
    },
  );
});

describe("an invalid response", () => {
  test.each<[string, Fault]>([
    [
      "a login page",
      { headers: { "content-type": "text/html" }, body: "<!DOCTYPE html><title>Sign in</title>" },
    ],
    ["nothing", { body: "" }],
    ["truncated JSON", { body: '{"name":"main","commit":{"id":"65f1bf27bc3b' }],
    ["a number", { body: "42" }],
    ["null", { body: "null" }],
    ["a list", { body: "[]" }],
    ["no commit", { body: '{"name":"main"}' }],
    ["a commit that is null", { body: branchWith("null") }],
    ["a commit that is a text", { body: branchWith(`"${"a".repeat(40)}"`) }],
    ["a commit without a hash", { body: branchWith("{}") }],
    ["a hash that is a number", { body: branchWith('{"id":42}') }],
    ["a hash in a list", { body: branchWith(`{"id":["${"a".repeat(40)}"]}`) }],
    ["an inherited commit", { body: `{"__proto__":${branchWith(`{"id":"${"a".repeat(40)}"}`)}}` }],
    ["an inherited hash", { body: branchWith(`{"__proto__":{"id":"${"a".repeat(40)}"}}`) }],
    ["deep JSON", { body: "[".repeat(60_000) }],
    ["deep JSON that is whole", { body: "[".repeat(30_000) + "]".repeat(30_000) }],
    ["deep JSON in a member", { body: `${'{"commit":'.repeat(5000)}1${"}".repeat(5000)}` }],
    ["no content", { status: 204 }],
  ])("%s fails with SOURCE_MALFORMED", async (_what, fault) => {
    lookUps.forge.fault("api", fault);
    const failure = await lookUps.failure();
    expect(failure).toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(failure.message.length).toBeLessThan(400);
    expect(lookUps.asked()).toHaveLength(1);
  });

  test.each<[string, Fault]>([
    ["of more bytes than allowed", { body: Buffer.alloc(maxBytes + 1, " ") }],
    ["in chunks", { body: Array<Buffer>(5).fill(Buffer.alloc(maxBytes / 4, " ")), chunked: true }],
    ["that is compressed", { body: Buffer.alloc(64 * 1024 * 1024, " "), gzip: true }],
    ["that compresses to the limit", { body: Buffer.alloc(maxBytes + 1, " "), gzip: true, chunked: true }],
  ])("a body %s, for the branch and its ref, fails with SOURCE_MALFORMED", async (_what, fault) => {
    lookUps.forge.fault("api", fault);
    expect(await lookUps.failure()).toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(lookUps.asked()).toEqual([
      `GET ${hermesApi}/branches/main`,
      `GET ${hermesApi}/git/refs/heads/main`,
    ]);
  });

  test.each<[string, unknown]>([
    ["short", "65f1bf27bc3b"],
    ["of 41 digits", "a".repeat(41)],
    ["of 63 digits", "a".repeat(63)],
    ["upper case", "65F1BF27BC3BF70F64657658635E66094EDBCB4D"],
    ["all zeros", "0".repeat(40)],
    ["64 zeros", "0".repeat(64)],
    ["followed by a newline", `${"a".repeat(40)}\n`],
    ["preceded by a blank", ` ${"a".repeat(40)}`],
    ["in two lines", `${"a".repeat(40)}\n${"b".repeat(40)}`],
    ["an option", "--upload-pack=touch /tmp/pwn"],
    ["an option of the right length", "--upload-pack=".padEnd(40, "a")],
    ["a path", "../../../../etc/cron.d/x0000000000000000"],
    ["empty", ""],
    ["a branch", "main"],
    ["full-width digits", "１".repeat(40)],
  ])("a hash that is %s fails with SOURCE_MALFORMED", async (_what, id) => {
    lookUps.forge.setApiCommitId("hermes", id);
    expect(await lookUps.failure()).toMatchObject({ code: "SOURCE_MALFORMED" });
  });

  test("is read by its own members only, even if somebody changed the prototype of all objects", async () => {
    const polluted = Object.prototype as { commit?: unknown };
    lookUps.forge.fault("api", { body: "{}" });
    polluted.commit = { id: "a".repeat(40) };
    try {
      expect(await lookUps.failure()).toMatchObject({ code: "SOURCE_MALFORMED" });
    } finally {
      delete polluted.commit;
    }
  });

  test("reads a body of exactly the allowed size", async () => {
    const id = "a".repeat(40);
    lookUps.forge.fault("api", { body: branchWith(`{"id":"${id}"}`).padEnd(maxBytes) });
    expect((await lookUps.head()).commit).toBe(id);
  });

  test("accepts a hash of 64 digits", async () => {
    lookUps.forge.setApiCommitId("hermes", "ab".repeat(32));
    expect((await lookUps.head()).commit).toBe("ab".repeat(32));
  });
});
