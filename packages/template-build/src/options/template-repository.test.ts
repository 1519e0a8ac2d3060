import { describe, expect, test } from "@jest/globals";
import { isImageSourceError, parseRuntimeName } from "@molecule/core";
import { repositoryOf, type TemplateRepository } from "./template-repository.js";

const hermes = parseRuntimeName("hermes");

const parseRepoPrefix = (repoPrefix: string): TemplateRepository =>
  repositoryOf(hermes, { repoPrefix, repo: undefined, forge: "gitea" });

function refusal(prefix: string): { code: string; message: string; hint: string } {
  try {
    parseRepoPrefix(prefix);
  } catch (error) {
    if (isImageSourceError(error)) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(prefix)} was accepted`);
}

describe("a valid prefix", () => {
  test("is parsed", () => {
    const prefix = parseRepoPrefix("https://git.example.com/acme/template-");
    expect(prefix).toMatchObject({
      origin: "https://git.example.com",
      base: "https://git.example.com",
      org: "acme",
      isLoopback: false,
    });
    expect(prefix.name).toBe("template-hermes");
    expect(prefix.source).toBe("https://git.example.com/acme/template-hermes");
  });

  test.each([
    [
      "a base with a path",
      "https://example.com/some/git/acme/t-",
      "https://example.com/some/git",
      "acme",
      "t-hermes",
    ],
    ["a port", "http://127.0.0.1:3000/acme/t-", "http://127.0.0.1:3000", "acme", "t-hermes"],
    ["a default port", "https://example.com:443/acme/t-", "https://example.com", "acme", "t-hermes"],
    [
      "repositories named like the runtime",
      "https://example.com/acme/",
      "https://example.com",
      "acme",
      "hermes",
    ],
    ["an @ in a repository name", "https://example.com/acme/t@", "https://example.com", "acme", "t@hermes"],
    ["dots in a repository name", "https://example.com/acme/t..", "https://example.com", "acme", "t..hermes"],
    ["an IPv6 host", "http://[::1]:3000/acme/t-", "http://[::1]:3000", "acme", "t-hermes"],
    ["capitals in scheme and host", "HTTPS://Example.COM/acme/t-", "https://example.com", "acme", "t-hermes"],
  ])("can have %s", (_what, written, base, org, repository) => {
    const prefix = parseRepoPrefix(written);
    expect([prefix.base, prefix.org, prefix.name]).toEqual([base, org, repository]);
    expect(prefix.source).toBe(`${written}hermes`);
  });

  test.each([
    ["http://localhost/o/r", true],
    ["http://127.0.0.1:3000/o/r", true],
    ["http://127.9.8.7/o/r", true],
    ["http://[::1]/o/r", true],
    ["http://127.0.0.1.example.com/o/r", false],
    ["http://localhost.example.com/o/r", false],
    ["http://10.0.0.1/o/r", false],
    ["http://[::2]/o/r", false],
    ["https://git.example.com/localhost/127.0.0.1", false],
  ])("%s is on this machine: %j", (written, expected) => {
    expect(parseRepoPrefix(written).isLoopback).toBe(expected);
  });
});

test.each([
  ["no prefix at all", ""],
  ["an option", "--upload-pack=touch_/tmp/pwn"],
  ["another option", "-oProxyCommand=touch"],
  ["a command as transport", 'ext::sh -c "touch /tmp/p"'],
  ["a command as transport, without spaces", "ext::sh%20-c/org/x"],
  ["a local path", "/srv/git/org/template-"],
  ["a file URL", "file:///etc/org/x"],
  ["ssh", "ssh://git@example.com/org/x"],
  ["ssh with an option as host", "ssh://-oProxyCommand=touch/org/x"],
  ["ssh as scp writes it", "git@example.com:org/x"],
  ["git's own protocol", "git://example.com/org/x"],
  ["javascript", "javascript:alert(1)//org/x"],
  ["data", "data:text/html,//org/x"],
  ["no scheme", "git.example.com/org/x"],
  ["no scheme and a way up", "h/../../admin"],
  ["one slash after the scheme", "https:/example.com/org/x"],
  ["three slashes after the scheme", "https:///example.com/org/x"],
  ["no host", "https://"],
  ["an invalid port", "https://example.com:99999/org/x"],
  ["only a user as host", "http://h@/org/x"],
  ["a user", "http://h@evil.example/org/x"],
  ["a user behind a third slash", "https:///user:hunter2@evil.example/org/x"],
  ["an empty user", "https://@evil.example/org/x"],
  ["a fragment before the host", "http://h#@evil.example/org/x"],
  ["a fragment", "https://example.com/org/x#y"],
  ["a query", "https://example.com/org/x?y=z"],
  ["an empty query", "https://example.com/org/x?"],
  ["a way up", "https://example.com/org/../x/y"],
  ["a way up at the end", "https://example.com/org/.."],
  ["a dot", "https://example.com/./org/x"],
  ["an encoded dot", "https://example.com/org/%2e%2E/x"],
  ["an encoded slash", "https://example.com/org%2Fx/y"],
  ["an encoded backslash", "https://example.com/org%5cx/y"],
  ["an encoded newline", "http://h/%0ahost=evil/x"],
  ["an encoded return", "http://h/org/%0Dx"],
  ["an encoded NUL", "http://h/org/%00x"],
  ["an encoded DEL", "http://h/org/%7fx"],
  ["a newline", "https://example.com/org/x\n"],
  ["a newline in the middle", "https://exam\nple.com/org/x"],
  ["a tab", "https://example.com/org/\tx"],
  ["a NUL", "https://example.com/org/x\0"],
  ["a C1 control", "https://example.com/org/x\u009b"],
  ["a blank before", " https://example.com/org/x"],
  ["a backslash", "https://example.com\\@evil.example/org/x"],
  ["a backslash in the path", "https://example.com/org\\..\\x"],
  ["a backslash at the end", "https://example.com/org\\x"],
  ["no organisation", "https://example.com/template-"],
  ["no organisation at a metadata service", "http://169.254.169.254/"],
  ["an empty organisation", "https://example.com//template-"],
  ["an empty part of the base", "https://example.com/git//org/template-"],
])("rejects a prefix with %s", (_what, written) => {
  expect(refusal(written)).toMatchObject({
    code: "CONFIG_INVALID",
    hint: expect.stringContaining("MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX"),
  });
});

test.each([
  "https://user:hunter2@example.com/org/x",
  "https://hunter2@example.com/org/x",
  "https:///user:hunter2@example.com/org/x",
  "https://user\n:hunter2@example.com/org/x",
  "https:\\\\user:hunter2@example.com/org/x",
  "ssh://git:hunter2@example.com/org/x",
  "user:hunter2@example.com/org/x",
  "https://user:hunter2@ex@ample.com/org/x",
  "https://example.com/org/x?access_token=hunter2",
  "https://example.com/org/x#hunter2",
])("the error for %j shows nothing that may be a secret", (written) => {
  const { message, hint } = refusal(written);
  expect(message + hint).not.toContain("hunter2");
  expect(message).not.toContain("\n");
});
