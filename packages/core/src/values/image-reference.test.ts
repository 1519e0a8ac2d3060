import { describe, expect, test } from "@jest/globals";
import { parseImageReference } from "./image-reference.js";

const f64 = "f".repeat(64);
const sha256 = `sha256:${f64}`;
const sha512 = `sha512:${"f".repeat(128)}`;
const hexName = "1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a";

interface Parts {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

function partsOf(written: string): Required<Record<keyof Parts, string | null>> {
  const { registry, repository, tag, digest } = parseImageReference(written);
  return { registry, repository, tag, digest };
}

describe("parses a reference", () => {
  const cases: readonly (readonly [written: string, parts: Parts])[] = [
    ["test_com", { registry: "docker.io", repository: "library/test_com" }],
    ["test.com:tag", { registry: "docker.io", repository: "library/test.com", tag: "tag" }],
    ["test.com:5000", { registry: "docker.io", repository: "library/test.com", tag: "5000" }],
    ["test.com/repo:tag", { registry: "test.com", repository: "repo", tag: "tag" }],
    ["test:5000/repo", { registry: "test:5000", repository: "repo" }],
    ["test:5000/repo:tag", { registry: "test:5000", repository: "repo", tag: "tag" }],
    [`test:5000/repo@${sha256}`, { registry: "test:5000", repository: "repo", digest: sha256 }],
    [
      `test:5000/repo:tag@${sha256}`,
      { registry: "test:5000", repository: "repo", tag: "tag", digest: sha256 },
    ],
    ["lowercase:Uppercase", { registry: "docker.io", repository: "library/lowercase", tag: "Uppercase" }],
    ["sub-dom1.foo.com/bar/baz/quux", { registry: "sub-dom1.foo.com", repository: "bar/baz/quux" }],
    [
      "sub-dom1.foo.com/bar/baz/quux:some-long-tag",
      { registry: "sub-dom1.foo.com", repository: "bar/baz/quux", tag: "some-long-tag" },
    ],
    [
      "b.gcr.io/test.example.com/my-app:test.example.com",
      { registry: "b.gcr.io", repository: "test.example.com/my-app", tag: "test.example.com" },
    ],
    [
      "xn--n3h.com/myimage:xn--n3h.com",
      { registry: "xn--n3h.com", repository: "myimage", tag: "xn--n3h.com" },
    ],
    [
      `xn--7o8h.com/myimage:xn--7o8h.com@${sha512}`,
      { registry: "xn--7o8h.com", repository: "myimage", tag: "xn--7o8h.com", digest: sha512 },
    ],
    ["foo_bar.com:8080", { registry: "docker.io", repository: "library/foo_bar.com", tag: "8080" }],
    ["foo/foo_bar.com:8080", { registry: "docker.io", repository: "foo/foo_bar.com", tag: "8080" }],
    ["192.168.1.1", { registry: "docker.io", repository: "library/192.168.1.1" }],
    ["192.168.1.1:tag", { registry: "docker.io", repository: "library/192.168.1.1", tag: "tag" }],
    ["192.168.1.1:5000", { registry: "docker.io", repository: "library/192.168.1.1", tag: "5000" }],
    ["192.168.1.1/repo", { registry: "192.168.1.1", repository: "repo" }],
    ["192.168.1.1:5000/repo", { registry: "192.168.1.1:5000", repository: "repo" }],
    ["192.168.1.1:5000/repo:5050", { registry: "192.168.1.1:5000", repository: "repo", tag: "5050" }],
    ["[2001:db8::1]/repo", { registry: "[2001:db8::1]", repository: "repo" }],
    [
      "[2001:db8:1:2:3:4:5:6]/repo:tag",
      { registry: "[2001:db8:1:2:3:4:5:6]", repository: "repo", tag: "tag" },
    ],
    ["[2001:db8::1]:5000/repo", { registry: "[2001:db8::1]:5000", repository: "repo" }],
    [
      `[2001:db8::1]:5000/repo:tag@${sha256}`,
      { registry: "[2001:db8::1]:5000", repository: "repo", tag: "tag", digest: sha256 },
    ],
    ["[2001:db8::]:5000/repo", { registry: "[2001:db8::]:5000", repository: "repo" }],
    ["[::1]:5000/repo", { registry: "[::1]:5000", repository: "repo" }],
    [
      `localhost:8080@${sha256}`,
      { registry: "docker.io", repository: "library/localhost", tag: "8080", digest: sha256 },
    ],
    [`localhost@${sha256}`, { registry: "docker.io", repository: "library/localhost", digest: sha256 }],
    [`localhost:8080/name@${sha256}`, { registry: "localhost:8080", repository: "name", digest: sha256 }],
    [
      `repo@sha384:${"a".repeat(96)}`,
      { registry: "docker.io", repository: "library/repo", digest: `sha384:${"a".repeat(96)}` },
    ],
  ];

  test.each(cases)("%s", (written, parts) => {
    expect(partsOf(written)).toEqual({ tag: null, digest: null, ...parts });
  });
});

describe("distinguishes the registry from the path", () => {
  test.each([
    ["test.com/foo", "test.com", "foo"],
    ["test_com/foo", "docker.io", "test_com/foo"],
    ["docker/migrator", "docker.io", "docker/migrator"],
    ["test.com:8080/foo", "test.com:8080", "foo"],
    ["test-com:8080/foo", "test-com:8080", "foo"],
    ["foo", "docker.io", "library/foo"],
    ["xn--n3h.com:18080/foo", "xn--n3h.com:18080", "foo"],
    ["docker.io/foo", "docker.io", "library/foo"],
    [`docker.io/${hexName}`, "docker.io", `library/${hexName}`],
    [sha256, "docker.io", "library/sha256"],
    ["docker.io/library/foo", "docker.io", "library/foo"],
    ["docker.io/library/foo/bar", "docker.io", "library/foo/bar"],
    ["index.docker.io/foo", "docker.io", "library/foo"],
    ["index.docker.io/fooo/bar", "docker.io", "fooo/bar"],
    ["localhost/foo", "localhost", "foo"],
    ["localhost", "docker.io", "library/localhost"],
    ["simple/name", "docker.io", "simple/name"],
    ["Asdf.com/foo/bar", "Asdf.com", "foo/bar"],
    ["Docker/docker", "Docker", "docker"],
    ["DOCKER/docker", "DOCKER", "docker"],
    ["LOCALHOST/foo", "LOCALHOST", "foo"],
    ["b.gbc.io:443/x", "b.gbc.io:443", "x"],
    ["0101.com/x", "0101.com", "x"],
    ["192.168.1.1:750050/x", "192.168.1.1:750050", "x"],
    [
      "[2001:0db8:85a3:0000:0000:8a2e:0370:7334]:7505/x",
      "[2001:0db8:85a3:0000:0000:8a2e:0370:7334]:7505",
      "x",
    ],
  ])("%s is %s and %s", (written, registry, repository) => {
    expect(partsOf(written)).toMatchObject({ registry, repository });
  });
});

describe("a name has one full and one familiar form", () => {
  test.each([
    ["docker.io/fooo/bar", "fooo/bar", ["fooo/bar", "index.docker.io/fooo/bar"]],
    ["docker.io/library/ubuntu", "ubuntu", ["ubuntu", "library/ubuntu", "docker.io/ubuntu"]],
    ["docker.io/nonlibrary/ubuntu", "nonlibrary/ubuntu", []],
    ["docker.io/other/library", "other/library", []],
    ["127.0.0.1:8000/private/moonbase", "127.0.0.1:8000/private/moonbase", []],
    ["127.0.0.1:8000/privatebase", "127.0.0.1:8000/privatebase", []],
    ["example.com/privatebase", "example.com/privatebase", []],
    ["example.com/library/foo", "example.com/library/foo", []],
    [
      "docker.io/library/ubuntu-12.04-base",
      "ubuntu-12.04-base",
      ["index.docker.io/library/ubuntu-12.04-base"],
    ],
    ["docker.io/library/foo", "foo", ["docker.io/foo"]],
    ["docker.io/library/foo/bar", "library/foo/bar", []],
    ["docker.io/store/foo/bar", "store/foo/bar", []],
    ["Foo/bar", "Foo/bar", []],
    ["docker.io/library/redis:latest", "redis:latest", ["redis:latest", "docker.io/redis:latest"]],
    [`docker.io/library/redis@${sha256}`, `redis@${sha256}`, [`redis@${sha256}`]],
    [`docker.io/library/busybox:latest@${sha256}`, `busybox:latest@${sha256}`, [`busybox:latest@${sha256}`]],
    ["docker.io/molecule-local/workspace-template-x:abc", "molecule-local/workspace-template-x:abc", []],
  ])("%s, %s", (full, familiar, otherwise) => {
    for (const written of [full, familiar, ...otherwise]) {
      expect(parseImageReference(written).toString()).toBe(full);
      expect(parseImageReference(written).familiar).toBe(familiar);
    }
  });

  test("adds no tag", () => {
    expect(parseImageReference("busybox").toString()).toBe("docker.io/library/busybox");
  });
});

describe("accepts", () => {
  test.each([
    "thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev",
    "docker-rules/docker",
    "docker---rules/docker",
    "d/docker",
    "jess/t",
    "dock__er/docker",
    "registry.io/foo/project--id.module--name.ver---sion--name",
    "example.com/some_separator__underscore/myimage",
    `docker.io/library/${hexName}`,
    hexName.slice(1),
    `${hexName}a`,
    `${hexName}:tag`,
    "x:_tag",
    `x:${"t".repeat(128)}`,
  ])("%s", (written) => {
    expect(parseImageReference(written).toString()).toContain(written);
  });

  test("a path of 255 characters, excluding registry and tag", () => {
    const path = `${"a/".repeat(127)}a`;
    expect(parseImageReference(`registry.example.com/${path}:tag-puts-this-over-max`).repository).toBe(path);
  });
});

describe("rejects with CONFIG_INVALID", () => {
  test.each([
    "",
    " ",
    ":justtag",
    `@${sha256}`,
    `repo@sha256:${"f".repeat(34)}`,
    `repo@sha256:${"f".repeat(63)}`,
    `repo@sha256:${"f".repeat(65)}`,
    `repo@sha256:${"F".repeat(64)}`,
    `repo@sha256:${"g".repeat(64)}`,
    `repo@SHA256:${f64}`,
    `repo@sha512:${f64}`,
    `repo@md5:${"f".repeat(32)}`,
    `repo@constructor:${f64}`,
    `validname@invaliddigest:${f64}`,
    `repo@${sha256}:tag`,
    `repo@${sha256}@${sha256}`,
    "repo@bad",
    "repo@2bad",
    "registry.com:8080/myapp@sha256:badbadbadbad",
    "registry.com:8080/myapp:invalid~tag",
    "Uppercase:tag",
    "test:5000/Uppercase/lowercase:tag",
    "docker/Docker",
    "Foo/FarB",
    "docker.io/docker/Docker",
    "aa/asdf$$^/aa",
    "asdf$$^/aa",
    "a^a",
    "[2001:db8::1]",
    "[2001:db8::1]:5000",
    "[2001:db8::1]:tag",
    "[fe80::1%eth0]:5000/repo",
    "[fe80::1%@invalidzone]:5000/repo",
    "[2001:db8:3:4::192.0.2.33]:5000/debian",
    "[fd00:1:2::3]75050/x",
    "[fd00:1:2::3]::75050/x",
    "fc00::1:5000/debian",
    "https://github.com/docker/docker",
    "-docker",
    "-docker/docker",
    "docker-/docker",
    "-docker-/docker",
    "-docker.io/docker/docker",
    "ab-.com/x",
    "ab.-com/x",
    "ab.com-/x",
    "docker./docker",
    ".docker/docker",
    "do..cker/docker",
    "docker///docker",
    "docker.io/docker///docker",
    "docker/",
    "foo.com/",
    "/docker",
    "a/a/a/a/",
    "a//a/a",
    "____/____",
    "_docker/_docker",
    "docker_/docker_",
    "dock..er/docker",
    "dock_.er/docker",
    "dock-.er/docker",
    "dock___er/docker",
    "foo/bar-",
    "foo/-bar",
    "foo.com:http/bar",
    "foo_bar.com:8080/app",
    "do__cker:8080/docker",
    "example.com/__underscore/myimage",
    "example.com/.dots/myimage",
    "example.com/nodouble..dots/myimage",
    "x:",
    "x:-foo",
    "x:.foo",
    `x:${"t".repeat(129)}`,
    "busybox\n",
    " busybox",
    "busybox ",
    "busy\u0000box",
    "büsybox",
    hexName,
    `${"a/".repeat(128)}a:tag`,
    `${"x".repeat(256)}/docker`,
  ])("%j", (written) => {
    expect(() => parseImageReference(written)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });

  test("a million characters, without delay", () => {
    const before = process.cpuUsage();
    for (const part of ["a", "A", "a-", "a.", "a_", "a/", "a:", "a@", "["]) {
      expect(() => parseImageReference(`${part.repeat(1_000_000 / part.length)}!`)).toThrow();
    }
    // CPU time in microseconds, because the machine may be busy with something else.
    expect(process.cpuUsage(before).user).toBeLessThan(30_000_000);
  });

  test("names capitals in the path as the reason", () => {
    expect(() => parseImageReference("r:5000/UPPER")).toThrow(/lower case/);
  });
});
