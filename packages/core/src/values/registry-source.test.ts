import { describe, expect, test } from "@jest/globals";
import { parseRegistryPrefix, resolveRegistrySource } from "./registry-source.js";

const f64 = "f".repeat(64);

function refusal(prefix: string): string {
  try {
    parseRegistryPrefix(prefix);
  } catch (error) {
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(prefix)} was accepted`);
}

describe("the variable's presence decides the mode", () => {
  test.each([
    {},
    { MOLECULE_IMAGE_REGISTRY: undefined },
    { MOLECULE_IMAGE_REGISTRY: "" },
    { MOLECULE_IMAGE_registry: "r" },
  ])("%p selects local mode", (env) => {
    expect(resolveRegistrySource(env)).toEqual({ mode: "local", prefix: "molecule-local" });
  });

  test.each([
    "r.example.com/acme",
    " ",
    "\n",
    "http://r",
    "r/x:tag",
    "UPPER/Case",
    "\u0000",
    "..",
    "molecule-local",
  ])("%j selects registry mode, with the value unchanged", (prefix) => {
    expect(resolveRegistrySource({ MOLECULE_IMAGE_REGISTRY: prefix })).toEqual({ mode: "registry", prefix });
  });
});

test.each([
  "registry.example.com",
  "registry.example.com/acme",
  "registry.example.com:5000/acme/team",
  "REGISTRY.example.com/acme",
  "Registry:5000",
  "r:5000",
  "r:5000/x",
  "localhost",
  "localhost:5000",
  "127.0.0.1:5000/x",
  "[::1]:5000",
  "[2001:db8::1]:5000/x",
  "acme",
  "docker.io",
  "docker.io/acme",
  "molecule-local",
  "r/a.b_c__d---e",
  "xn--n3h.com",
])("accepts the prefix %s", (prefix) => {
  expect(() => {
    parseRegistryPrefix(prefix);
  }).not.toThrow();
});

test.each([
  ["127.0.0.1:5000/x", "127.0.0.1:5000", "127.0.0.1:5000/x/workspace-template-"],
  ["REGISTRY.example.com", "REGISTRY.example.com", "REGISTRY.example.com/workspace-template-"],
  ["acme", "docker.io", "acme/workspace-template-"],
  ["docker.io/acme", "docker.io", "acme/workspace-template-"],
])("parses %s to its registry and the start of its names", (prefix, registry, startOfNames) => {
  expect(parseRegistryPrefix(prefix)).toEqual({ registry, startOfNames });
});

describe("rejects an invalid prefix with CONFIG_INVALID, naming the variable and the problem", () => {
  test.each([
    ["", "blank"],
    [" ", "blank"],
    ["\t\n", "blank"],
    ["http://r", "scheme"],
    ["https://r/x", "scheme"],
    ["HTTPS://r", "scheme"],
    ["docker://r/x", "scheme"],
    ["oci+x://r", "scheme"],
    [`r/x@sha256:${f64}`, "digest"],
    ["user@r/x", "user"],
    ["user:pass@r:5000/x", "user"],
    ["r/", "slash"],
    ["r/x/", "slash"],
    ["/", "slash"],
    ["r/x:tag", "tag"],
    ["r:5000/x:tag", "tag"],
    ["r:5000/UPPER", "capital letters"],
    ["r.example.com/acme/Team", "capital letters"],
    ["UPPER/Case", "capital letters"],
    [" r", "not a valid image name"],
    ["r ", "not a valid image name"],
    ["r\n", "not a valid image name"],
    ["r/..", "not a valid image name"],
    ["../r", "not a valid image name"],
    ["r/../x", "not a valid image name"],
    ["r//x", "not a valid image name"],
    ["/r", "not a valid image name"],
    ["r:tag", "not a valid image name"],
    ["REGISTRY:tag", "not a valid image name"],
    ["REGISTRY!", "not a valid image name"],
    ["r:", "not a valid image name"],
    ["-r/x", "not a valid image name"],
    ["r_x.com:5000", "not a valid image name"],
    ["::1", "not a valid image name"],
    ["[::1", "not a valid image name"],
    ["r/x y", "not a valid image name"],
    ["r?x=y", "not a valid image name"],
    ["r#x", "not a valid image name"],
    ["r\\x", "not a valid image name"],
    ["r/\u0000", "not a valid image name"],
    ["$(touch /tmp/pwn)", "not a valid image name"],
    [`r/${"x".repeat(256)}`, "not a valid image name"],
  ])("%j: %s", (prefix, why) => {
    const message = refusal(prefix);
    expect(message).toContain("MOLECULE_IMAGE_REGISTRY");
    expect(message.slice(message.lastIndexOf(": "))).toContain(why);
    expect(message).not.toContain("\n");
  });
});

test.each([
  "user:hunter2hunter2@r.example.com/x",
  "https://user:hunter2hunter2@r.example.com/x",
  "https://hunter2hunter2@r.example.com",
  "user:hunter2/hunter2@r.example.com/x",
  `user:hunter2hunter2@r.example.com/x@sha256:${f64}`,
])("does not print a password in %s", (prefix) => {
  expect(refusal(prefix)).not.toContain("hunter2");
  expect(refusal(prefix)).toContain("r.example.com");
});

test("prints a digest, which is not a secret, to show what to remove", () => {
  expect(refusal(`r/x@sha256:${f64}`)).toContain(`r/x@sha256:${f64}`);
});
