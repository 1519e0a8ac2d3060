import { describe, expect, test } from "@jest/globals";
import { createIgnoreMatcher, parseDockerignore } from "./dockerignore.js";

const matcher = (text: string): ReturnType<typeof createIgnoreMatcher> =>
  createIgnoreMatcher(parseDockerignore(text), ".dockerignore");
const patterns = (text: string): string[] => parseDockerignore(text).map(({ pattern }) => pattern);

// [pattern, path, whether the path is ignored], from the tests of github.com/moby/patternmatcher and of Go's
// path/filepath.Match.
const cases: readonly (readonly [string, string, boolean])[] = [
  ["**", "file", true],
  ["**/", "file", true],
  ["**", "dir/file", true],
  ["**/", "dir/file", true],
  ["**/**", "dir/file", true],
  ["dir/**", "dir/file", true],
  ["dir/**", "dir/dir2/file", true],
  ["dir/**", "dir", false],
  ["**/dir", "dir", true],
  ["**/dir", "dir/file", true],
  ["**/dir", "adir", false],
  ["**/dir2/*", "dir/dir2/file", true],
  ["**/dir2/*", "dir2", false],
  ["**/dir2/**", "dir/dir2/dir3/file", true],
  ["**/dir2/**", "dir/dir2/file", true],
  ["**file", "file", true],
  ["**file", "dir/file", true],
  ["**file", "afile", true],
  ["**file", "dir/afile", true],
  ["**/file", "dir/file", true],
  ["**/file", "afile", false],
  ["**file", "dir/dir/file", true],
  ["**/file", "dir/dir/file", true],
  ["**/file*", "dir/dir/file", true],
  ["**/file*", "dir/dir/file.txt", true],
  ["**/file*txt", "dir/dir/file.txt", true],
  ["**/file*.txt", "dir/dir/file.txt", true],
  ["**/file*.txt*", "dir/dir/file.txt", true],
  ["**/**/*.txt", "dir/dir/file.txt", true],
  ["**/**/*.txt2", "dir/dir/file.txt", false],
  ["**/*.txt", "file.txt", true],
  ["**/**/*.txt", "file.txt", true],
  ["a**/*.txt", "a/file.txt", true],
  ["a**/*.txt", "a/dir/file.txt", true],
  ["a**/*.txt", "a/dir/dir/file.txt", true],
  ["a/*.txt", "a/dir/file.txt", false],
  ["a/*.txt", "a/file.txt", true],
  ["a/*.txt**", "a/file.txt", true],
  ["a[b-d]e", "ae", false],
  ["a[b-d]e", "ace", true],
  ["a[b-d]e", "aae", false],
  ["a[^b-d]e", "aze", true],
  [".*", ".foo", true],
  [".*", "foo", false],
  ["abc.def", "abcdef", false],
  ["abc.def", "abc.def", true],
  ["abc.def", "abcZdef", false],
  ["abc?def", "abcZdef", true],
  ["abc?def", "abcdef", false],
  ["a\\\\", "a\\", true],
  ["a\\*b", "a*b", true],
  ["**/foo/bar", "foo/bar", true],
  ["**/foo/bar", "dir/foo/bar", true],
  ["**/foo/bar", "dir/dir2/foo/bar", true],
  ["abc/**", "abc", false],
  ["abc/**", "abc/def", true],
  ["abc/**", "abc/def/ghi", true],
  ["**/.foo", ".foo", true],
  ["**/.foo", "bar.foo", false],
  ["a(b)c/def", "a(b)c/def", true],
  ["a(b)c/def", "a(b)c/xyz", false],
  ["a.|)$(}+{bc", "a.|)$(}+{bc", true],
  [
    "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl",
    "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl",
    true,
  ],
  ["dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", true],
  ["*", "fileutils.go", true],
  ["*.go", "fileutils.go", true],
  ["abc", "abc", true],
  ["*", "abc", true],
  ["*c", "abc", true],
  ["a*", "a", true],
  ["a*", "abc", true],
  ["a*", "ab/c", true],
  ["a*/b", "abc/b", true],
  ["a*/b", "a/c/b", false],
  ["a*b*c*d*e*/f", "axbxcxdxe/f", true],
  ["a*b*c*d*e*/f", "axbxcxdxexxx/f", true],
  ["a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false],
  ["a*b*c*d*e*/f", "axbxcxdxexxx/fff", false],
  ["a*b?c*x", "abxbbxdbxebxczzx", true],
  ["a*b?c*x", "abxbbxdbxebxczzy", false],
  ["ab[c]", "abc", true],
  ["ab[b-d]", "abc", true],
  ["ab[e-g]", "abc", false],
  ["ab[^c]", "abc", false],
  ["ab[^b-d]", "abc", false],
  ["ab[^e-g]", "abc", true],
  ["a\\*b", "ab", false],
  ["a?b", "a☺b", true],
  ["a[^a]b", "a☺b", true],
  ["a???b", "a☺b", false],
  ["a[^a][^a][^a]b", "a☺b", false],
  ["[a-ζ]*", "α", true],
  ["*[a-ζ]", "A", false],
  ["a?b", "a/b", false],
  ["a*b", "a/b", false],
  ["[\\]a]", "]", true],
  ["[\\-]", "-", true],
  ["[x\\-]", "x", true],
  ["[x\\-]", "-", true],
  ["[x\\-]", "z", false],
  ["[\\-x]", "x", true],
  ["[\\-x]", "-", true],
  ["[\\-x]", "a", false],
  ["*x", "xxx", true],
  // The last matching pattern wins.
  ["!fileutils.go\n*.go", "fileutils.go", true],
  ["*.go\n!fileutils.go", "fileutils.go", false],
  ["docs\n!docs/README.md", "docs/README.md", false],
  ["docs/\n!docs/README.md", "docs/README.md", false],
  ["docs/*\n!docs/README.md", "docs/README.md", false],
  ["docs\n!docs/README.md", "docs/other.md", true],
  ["**\n!util/docker/web", "util/docker/web/foo", false],
  ["**\n!util/docker/web\nutil/docker/web/foo", "util/docker/web/foo", true],
  [
    "**\n!dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl",
    "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl",
    false,
  ],
  ["**\n!dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", false],
  // Patterns are cleaned paths relative to the root of the context.
  ["/a", "a", true],
  ["a/", "a", true],
  ["./a/../b", "b", true],
  ["b", "a/b", false],
  [".", "a", false],
  ["..", "a", false],
  ["/", "a", false],
  ["  a\t", "a", true],
  ["! a", "a", false],
  ["", "a", false],
];

test.each(cases)("the pattern %j and the path %j: %j", (pattern, path, ignored) => {
  expect(matcher(pattern).ignores(path)).toBe(ignored);
});

test.each([
  "!",
  "! ",
  "!/",
  "[",
  "[^",
  "[^bc",
  "a[",
  "[]a]",
  "[-]",
  "[x-]",
  "[-x]",
  "[a-b-c]",
  "\\",
  "[Local-Only]/",
])("rejects the pattern %j with its file and line", (pattern) => {
  expect(() => createIgnoreMatcher(parseDockerignore(`ok\n\n${pattern}\n`), "x.dockerignore")).toThrow(
    expect.objectContaining({
      code: "TEMPLATE_INVALID",
      message: expect.stringContaining("line 3 of x.dockerignore"),
    }),
  );
});

describe("the lines of an ignore file", () => {
  test("are trimmed and cleaned; an absolute path is relative to the context", () => {
    const text = "test1\n/test2\n/a/file/here\n\nlastfile\n# this is a comment\n! /inverted/abs/path\n!\n! ";

    expect(patterns(text)).toEqual([
      "test1",
      "test2",
      "a/file/here",
      "lastfile",
      "!inverted/abs/path",
      "!",
      "!",
    ]);
  });

  test("may start with a byte order mark and end with a carriage return", () => {
    expect(patterns("\uFEFF# comment\r\na\r\nb")).toEqual(["a", "b"]);
    expect(patterns("\uFEFFa\n")).toEqual(["a"]);
  });

  test("are comments only if # is the first character", () => {
    expect(patterns("#a\n #b\nc#d")).toEqual(["#b", "c#d"]);
  });
});

describe("an ignored directory", () => {
  test("is walked only if an exception may match below it", () => {
    const only = matcher("docs\nsrc\n!docs/README.md");

    expect(only.mayHoldKept("docs")).toBe(true);
    expect(only.mayHoldKept("src")).toBe(false);
    expect(only.mayHoldKept("docs/sub")).toBe(false);
    expect(matcher("docs\n!**/README.md").mayHoldKept("docs/any/where")).toBe(true);
    expect(matcher("docs\n!d*/x").mayHoldKept("docs")).toBe(true);
    expect(matcher("docs\n!e*/x").mayHoldKept("docs")).toBe(false);
    expect(matcher("docs").mayHoldKept("docs")).toBe(false);
  });
});

test("matches any pattern quickly", () => {
  const hostile = matcher(`${"**/a*".repeat(200)}b`);
  const started = process.cpuUsage();

  expect(hostile.ignores(Array(500).fill("aaaa").join("/"))).toBe(false);
  // CPU time in microseconds, because the machine may be busy with something else.
  expect(process.cpuUsage(started).user).toBeLessThan(30_000_000);
});
