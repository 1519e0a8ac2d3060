import { expect, test } from "@jest/globals";
import { parseCommitSha } from "@molecule/core";
import { gitFailed } from "./git-failure.js";
import { GitFailure } from "./git-session.js";

const facts = {
  remote: {
    url: "http://forge.example/a/b.git",
    branch: "main",
    authorization: undefined,
    tokenVariable: "MOLECULE_GITEA_TOKEN",
    proxy: undefined,
  },
  commit: parseCommitSha("1".repeat(40)),
  place: "/cache/hermes/111111111111",
};

test("a single line of git is in the message alone", () => {
  const missing = "fatal: repository 'http://127.0.0.1/a.git/' not found\n";
  const only = gitFailed(new GitFailure("ls-remote", 128, missing), facts);
  expect(only.message).toContain("failed: repository 'http://127.0.0.1/a.git/' not found");
  expect(only.output).toBeNull();

  const further = gitFailed(new GitFailure("fetch", 128, `error: first\n${missing}`), facts);
  expect(further.output).toBe(`error: first\n${missing.trim()}`);
});

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
  // Text from the server changes nothing.
  [
    "remote: error: x: No space left on device\nfatal: remote error: a: Permission denied\n",
    "CHECKOUT_FAILED",
  ],
  ["", "CHECKOUT_FAILED"],
])("%j is %s", (stderr, code) => {
  expect(gitFailed(new GitFailure("fetch", 128, stderr), facts)).toMatchObject({ code });
});

test.each([
  "server certificate verification failed. CAfile: none CRLfile: none",
  "SSL certificate problem: self-signed",
])("names the variable that adds a certificate if the server's is not trusted: %s", (words) => {
  const { hint } = gitFailed(
    new GitFailure("fetch", 128, `fatal: unable to access 'https://h/r.git/': ${words}\n`),
    facts,
  );
  expect(hint).toContain("NODE_EXTRA_CA_CERTS");
});

const access = "fatal: unable to access 'http://h/r.git/': ";

test.each([
  [`${access}The requested URL returned error: 503\n`, true],
  [`${access}The requested URL returned error: 429\n`, true],
  [`${access}Recv failure: Connection reset by peer\n`, true],
  [`${access}Empty reply from server\n`, true],
  [`${access}Operation too slow. Less than 1000 bytes/sec transferred the last 3 seconds\n`, true],
  [
    "error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502\nfatal: expected 'packfile'\n",
    true,
  ],
  ["error: RPC failed; curl 56 Recv failure: Connection reset by peer\nfatal: early EOF\n", true],
  ["fatal: the remote end hung up unexpectedly\n", true],
  ["fatal: early EOF\nfatal: unpack-objects failed\n", true],
  [
    "error: RPC failed; HTTP 403 curl 22 The requested URL returned error: 403\nfatal: expected 'packfile'\n",
    false,
  ],
  [`${access}The requested URL returned error: 403\n`, false],
  [`${access}Failed to connect to 127.0.0.1 port 1 after 2 ms: Couldn't connect to server\n`, true],
  [`${access}Failed to connect to 127.0.0.1 port 1 after 0 ms: Could not connect to server\n`, true],
  [`${access}Failed to connect to 10.0.0.9 port 1 after 131072 ms: Couldn't connect to server\n`, false],
  [`${access}Could not resolve host: h\n`, false],
  [`${access}server certificate verification failed. CAfile: none CRLfile: none\n`, false],
  [`${access}Received HTTP/0.9 when not allowed\n`, false],
  ["fatal: repository 'http://h/r.git/' not found\n", false],
  ["fatal: Authentication failed for 'http://h/r.git/'\n", false],
  ["fatal: early EOF\nerror: x: No space left on device\n", false],
  ["remote: fatal: early EOF\nfatal: remote error: fatal: early EOF\n", false],
  ["", false],
])("%j is temporary: %s", (stderr, isTransient) => {
  expect(gitFailed(new GitFailure("fetch", 128, stderr), facts).transient !== null).toBe(isTransient);
});

test("text from the server is escaped, on one line of a message", () => {
  const { message, output } = gitFailed(
    new GitFailure("fetch", 128, "remote: \u001b]52;c;AAAA\u0007\nfatal: bad \u001b[31mthing\n"),
    facts,
  );

  expect(`${message}${output ?? ""}`).not.toContain("\u001b");
  expect(message).not.toContain("\n");
});

test.each([
  [
    "fatal: unable to write loose object file: No space left on device\n",
    "Free space on the disk that holds",
  ],
  [
    "fatal: sha1 file '/x/.git/index.lock' write error. Out of diskspace\n",
    "Free space on the disk that holds",
  ],
  ["error: unable to write file big: Disk quota exceeded\n", "Free space on the disk that holds"],
  ["/x/.git: Read-only file system\n", "writable"],
  ["error: cannot create standard output pipe for git-upload-pack '/a': Too many open files\n", "ulimit -n"],
  [
    "fatal: could not open '/dev/null' for reading and writing: Too many open files in system\n",
    "fs.file-max",
  ],
  ["error: cannot fork() for index-pack: Resource temporarily unavailable\n", "ulimit -u"],
  ["fatal: mmap failed: Cannot allocate memory\n", "memory"],
])("%j has a hint on what to free or raise", (stderr, remedy) => {
  const error = gitFailed(new GitFailure("fetch", 128, stderr), facts);
  expect(error).toMatchObject({ code: "STORAGE_UNUSABLE", output: stderr.trim() });
  expect(error.hint).toContain(remedy);
});

test("a full disk is reported with its location", () => {
  expect(
    gitFailed(new GitFailure("fetch", 128, "fatal: x: No space left on device\n"), facts).message,
  ).toContain(facts.place);
});
