import { describe, expect, test } from "@jest/globals";
import { dockerfileImages } from "./dockerfile-images.js";

/** Returns `line image`, with `?` for an image that cannot be resolved. */
function images(text: string, buildArgs: Readonly<Record<string, string>> = {}): string[] {
  return dockerfileImages(text, buildArgs).map(({ line, image }) => `${String(line)} ${image ?? "?"}`);
}

describe("finds the images of", () => {
  test.each<[string, string, string[]]>([
    ["FROM", "FROM a\nRUN b\nFROM r.io/c:1@sha256:d\n", ["1 a", "3 r.io/c:1@sha256:d"]],
    ["FROM in any case, with flags and a stage name", " \tfrom  --platform=$X  a   as  B\nFROM b\n", ["1 a"]],
    ["not FROM scratch", "FROM scratch\nFROM scratch AS x\n", []],
    ["not an earlier stage", "FROM a AS one\nFROM ONE AS two\nFROM two\n", ["1 a"]],
    ["a later stage, and its own", "FROM two AS two\nFROM a AS x\nFROM x\n", ["1 two", "2 a"]],
    ["COPY --from", "FROM scratch\nCOPY --chown=1 --from=c:1 /a /b\n", ["2 c:1"]],
    [
      "not COPY --from a stage, by name or number",
      "FROM a AS n\nFROM scratch\nCOPY --from=N x y\nCOPY --from=0 x y\n",
      ["1 a"],
    ],
    ["COPY --from a later stage", "FROM scratch\nCOPY --from=late /a /b\nFROM scratch AS late\n", ["2 late"]],
    [
      "COPY --from, quoted and escaped",
      'FROM scratch\nCOPY --fr\\om="c" /a /b\nCOPY --chown="a b" --from=\'d\' x y\n',
      ["2 c", "3 d"],
    ],
    ["COPY --from a variable", "ARG A=a\nFROM scratch\nARG A\nCOPY --from=$A x y\n", ["4 ?"]],
    [
      "RUN --mount",
      "FROM scratch\nRUN --mount=type=bind,from=m,target=/m --mount=FROM=n true\n",
      ["2 m", "2 n"],
    ],
    [
      "not RUN --mount of a stage",
      "FROM scratch AS s\nFROM scratch\nRUN --mount=from=s,target=/m true\n",
      [],
    ],
    ["ONBUILD", "FROM scratch\nONBUILD COPY --from=o / /\nonbuild run --mount=from=p x\n", ["2 o", "3 p"]],
    [
      "not comments and continued text",
      "# FROM x\nFROM scratch\nRUN echo \\\n # FROM y\n FROM z\nLABEL a=FROM\n",
      [],
    ],
    ["a FROM on several lines", "FROM \\\n# comment\n\n  a \\  \nAS b\nFROM b\n", ["1 a"]],
    ["a first line that is only continued", "\\\n# a \\\nFROM a\n", ["1 a"]],
    ["a file with a BOM and CRLF", "\uFEFFFROM a\r\nRUN \\\r\n x\r\nFROM b\r\n", ["1 a", "4 b"]],
    ["a file without a final newline", "FROM a", ["1 a"]],
    ["a line that begins with any blank", "FROM scratch\n\u0085FROM a\n\u00a0FROM b\n", ["2 a", "3 b"]],
  ])("%s", (_what, text, expected) => {
    expect(images(text)).toEqual(expected);
  });
});

describe("variables", () => {
  test.each<[string, string, string]>([
    ["a default", "ARG A=x\nFROM $A", "x"],
    ["a quoted default", "ARG A=\"x:1\" B='y'\nFROM ${A}-$B", "x:1-y"],
    ["a default of defaults", "ARG A=x\nARG B=$A/y\nFROM ${B:-z}", "x/y"],
    ["a build argument", "ARG GIVEN=x\nFROM $GIVEN", "given$A"],
    ["a build argument without default", "ARG GIVEN\nFROM $GIVEN", "given$A"],
    ["an empty default", "ARG A=\nFROM a$A", "a"],
    ["the last of two", "ARG A=x\nARG A=y\nFROM $A", "y"],
    ["a build argument that is not declared", "FROM ${GIVEN:-z}", "z"],
    ["one declared without a value", "ARG A\nFROM ${A:-z}${A:+y}", "z"],
    ["an escaped blank", "ARG A=x\\ B=y\nFROM ${B:-z}", "z"],
    ["an escape of other files", "ARG A=x` B=y\nFROM ${B:-z}", "y"],
  ])("%s is resolved", (_what, text, expected) => {
    expect(images(text, { GIVEN: "given$A" }).map((use) => use.replace(/^\d+ /, ""))).toEqual([expected]);
  });

  test.each([
    ["undeclared", "FROM $A"],
    ["without value", "ARG A\nFROM $A"],
    ["declared in a stage only", "FROM scratch\nARG A=x\nFROM $A"],
    ["of the builder", "FROM a-$TARGETARCH"],
    ["of the builder, although declared", "ARG TARGETARCH=x\nFROM ${TARGETARCH:+x}"],
    ["of the builder, by a default", "ARG A=$BUILDPLATFORM\nFROM $A"],
    ["declared again without value", "ARG A=x\nARG A\nFROM ${A:-y}"],
    ["in a form that some builders do not know", "ARG A=x\nFROM ${A%x}"],
    ["after a flag with an escaped blank", "FROM --platform=linux\\ a b"],
  ])("does not resolve a variable %s", (_what, text) => {
    expect(images(text).at(-1)).toMatch(/ \?$/);
  });
});

describe("finds the syntax directive", () => {
  test.each<[string, string, string[]]>([
    ["first line", "# syntax=docker/dockerfile:1\nFROM scratch", ["1 docker/dockerfile:1"]],
    ["after other directives", "#escape=\\\n#check=skip=all\n#SYNTAX = r/f  arg\nFROM scratch", ["3 r/f"]],
    ["after a BOM and a shebang", "\uFEFF#!/x\n# syntax=a\nFROM scratch", ["2 a"]],
    ["in the other comment style", "// syntax=a\nFROM scratch", ["1 a"]],
    ["twice", "# syntax=a\n# syntax=b\nFROM scratch", ["1 a", "2 b"]],
    ["with a line separator of another kind", "# syntax=a \u2028b\nFROM scratch", ["1 a"]],
    ["as JSON", '{"syntax": "a"}', ["1 ?"]],
    ["after the directives: a comment", "# a comment\n# syntax=a\nFROM scratch", []],
    ["after an empty line: a comment", "\n# syntax=a\nFROM scratch", []],
  ])("%s", (_what, text, expected) => {
    expect(images(text)).toEqual(expected);
  });
});

describe("constructs that builders read differently", () => {
  test("skips the lines of a here-document", () => {
    const text = [
      "FROM scratch",
      "RUN <<EOF cat <<-'E 2' # x<<3",
      "from x import y",
      "FROM a",
      "EOF",
      "FROM b",
      "\tE 2",
      'COPY <<"X" /f',
      "FROM c",
      "X",
      "RUN cat <<< here $((1<<2))",
      "FROM d",
    ].join("\n");
    expect(images(text)).toEqual(["12 d"]);
  });

  test("reads a here-document both ways if it is valid without it, too", () => {
    expect(images("FROM scratch\nRUN <<EOF\nFROM a\nENV X=\\\nEOF\nFROM b\n")).toEqual(["6 b", "3 a"]);
  });

  test("is unsure about a here-document in a line that some builders cannot read", () => {
    expect(images("FROM scratch\nRUN echo ${X%y} <<EOF\nFROM a\nEOF\n")).toContain("2 ?");
    expect(images("FROM scratch\nRUN echo it's <<EOF\nFROM a\nEOF\n")).toContain("2 ?");
    expect(images("FROM scratch\nRUN cat <<E\\\\F\nFROM a\nEF\n")).toContain("2 ?");
  });

  test("follows the escape character", () => {
    expect(images("# escape=`\nFROM `\na\nRUN x \\\nFROM b\n")).toEqual(["2 a", "5 b"]);
    expect(images("# other\n# escape=`\nFROM scratch\nRUN x `\nFROM a\n")).toEqual(["5 a"]);
    expect(images("# other\n# escape=`\nFROM scratch\nRUN x \\\nFROM a\n")).toEqual(["5 a"]);
  });

  test("reads a line that ends with two escape characters", () => {
    expect(images("FROM scratch\nRUN x \\\\\nFROM a\n")).toEqual(["3 a"]);
    expect(images("FROM scratch\nRUN x \\\\\nENV \\\nFROM a\n")).toEqual([]);
  });

  test("is unsure about a carriage return inside a line", () => {
    expect(images("FROM scratch\nRUN x \\\r\r\nFROM a\n")).toContain("2 ?");
  });
});

test.each<[string, string]>([
  ["blanks", `# syntax=a${" ".repeat(1e6)}x\nFROM a`],
  ["blanks in a line", `FROM scratch\nRUN a${" \t".repeat(5e5)}x\nFROM a`],
  ["empty lines", `FROM scratch${"\n".repeat(1e6)}FROM a`],
  ["carriage returns", `FROM scratch${"\r\n".repeat(5e5)}FROM a`],
  ["variables", `ARG A=${"$A".repeat(5e5)}\nFROM a`],
  ["values that double", `ARG A=aa\n${"ARG A=$A$A\n".repeat(9e4)}FROM a`],
  ["quotes", `ARG A=${'"\\"\''.repeat(2.5e5)}\nRUN ${"\"' <<".repeat(1e5)}\nFROM a`],
  ["here-documents", `FROM scratch\nRUN ${"<<A ".repeat(2e5)}\n${"x\n".repeat(1e5)}FROM a`],
])("reads a file full of %s quickly", (_what, text) => {
  const started = process.cpuUsage();
  images(text);
  // CPU time in microseconds, because the machine may be busy with something else.
  expect(process.cpuUsage(started).user).toBeLessThan(30_000_000);
});
