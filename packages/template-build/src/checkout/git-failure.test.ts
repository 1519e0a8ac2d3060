import { expect, test } from "@jest/globals";
import { parseCommitSha } from "@molecule/core";
import { gitFailed } from "./git-failure.js";
import { GitFailure } from "./git-session.js";

const facts = {
  remote: { url: "http://forge.example/a/b.git", branch: "main", authorization: undefined },
  commit: parseCommitSha("1".repeat(40)),
  place: "/cache/hermes/111111111111",
  step: "fetch",
};

test.each([
  [
    "fatal: unable to write loose object file: No space left on device\nfatal: unpack-objects failed\n",
    "STORAGE_UNUSABLE",
  ],
  [
    "error: unable to write file big\nfatal: sha1 file '/x/.git/index.lock' write error. Out of diskspace\n",
    "STORAGE_UNUSABLE",
  ],
  ["error: unable to write file big\n", "STORAGE_UNUSABLE"],
  ["/x/.git: Read-only file system\n", "STORAGE_UNUSABLE"],
  ["error: unable to create file a: Permission denied\n", "STORAGE_UNUSABLE"],
  [
    "fatal: unable to access 'https://h/r.git/': server certificate verification failed. CAfile: none CRLfile: none\n",
    "SOURCE_UNREACHABLE",
  ],
  ["fatal: unable to access 'http://h/r.git/': Could not resolve host: h\n", "SOURCE_UNREACHABLE"],
  [
    "fatal: unable to access 'http://h/r.git/': The requested URL returned error: 502\n",
    "SOURCE_UNREACHABLE",
  ],
  ["fatal: unable to access 'http://h/r.git/': The requested URL returned error: 301\n", "CHECKOUT_FAILED"],
  ["fatal: Authentication failed for 'http://h/r.git/'\n", "SOURCE_DENIED"],
  ["fatal: dumb http transport does not support shallow capabilities\n", "CHECKOUT_FAILED"],
  // Words of the server change nothing.
  [
    "remote: error: x: No space left on device\nfatal: remote error: a: Permission denied\n",
    "CHECKOUT_FAILED",
  ],
  ["", "CHECKOUT_FAILED"],
])("%j is %s", (stderr, code) => {
  expect(gitFailed(new GitFailure(128, stderr), facts)).toMatchObject({ code });
});

test("what the server says reaches no terminal raw, on one line of a message", () => {
  const { message, output } = gitFailed(
    new GitFailure(128, "remote: \u001b]52;c;AAAA\u0007\nfatal: bad \u001b[31mthing\n"),
    facts,
  );

  expect(`${message}${output ?? ""}`).not.toContain("\u001b");
  expect(message).not.toContain("\n");
});

test("a full disk names the place", () => {
  expect(gitFailed(new GitFailure(128, "fatal: x: No space left on device\n"), facts).message).toContain(
    facts.place,
  );
});
