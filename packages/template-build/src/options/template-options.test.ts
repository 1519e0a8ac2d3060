import { describe, expect, test } from "@jest/globals";
import * as v from "valibot";
import { templateOptions } from "./template-options.js";

function problems(written: unknown): string[] {
  const { success, issues } = v.safeParse(templateOptions, written);
  if (success) throw new Error("the options were accepted");
  return issues.map((issue) => `${v.getDotPath(issue) ?? ""}: ${issue.message}`);
}

const codex = (entry: object): object => ({ templates: { codex: entry } });

test("requires no option", () => {
  expect(v.parse(templateOptions, {})).toEqual({
    repoPrefix: "https://git.moleculesai.app/molecule-ai/molecule-ai-workspace-template-",
    forge: "gitea",
    dockerfile: "Dockerfile",
    buildArgs: {},
    buildArgsFrom: { RUNTIME_VERSION: ".runtime-version" },
    secrets: {},
    templates: {},
    allowSubmodules: false,
    allowLfs: false,
    whenForgeIsDown: "fail",
  });
});

test("keeps the configured options", () => {
  const written = {
    repoPrefix: "https://git.example.com/acme/template-",
    forge: "gitea",
    branch: "release/1.x",
    dockerfile: "docker/Dockerfile.dev",
    target: "dev",
    buildArgs: { HTTP_PROXY: "", _x1: "a=b" },
    buildArgsFrom: {},
    secrets: { npmrc: { env: "NPMRC" }, "key.pem": { file: "/run/secrets/a key.pem" } },
    templates: {
      codex: { repo: "https://github.com/me/codex-template", revision: "9".repeat(40), buildArgsFrom: {} },
      "my.agent": { repo: "http://h:3000/a/b.git", revision: "a".repeat(64), secrets: { k: { env: "K" } } },
      hermes: {},
      crewai: { path: "/home/me/crewai", dockerfile: "D", target: "t", buildArgs: {}, secrets: {} },
    },
    allowSubmodules: true,
    allowLfs: true,
    allowedRegistries: ["docker.io", "ghcr.io", "Registry.example.com:5000", "localhost", "[::1]:5000"],
    whenForgeIsDown: "fail",
  };
  expect(v.parse(templateOptions, written)).toEqual(written);
});

test.each([{ key: "/etc/acme/cosign.pub" }, { identity: "ci@acme.example", issuer: "https://acme.example" }])(
  "a host that verifies shared builds never pushes its own: %j",
  (verify) => {
    const share = { registry: "r.example/fleet", verify };
    expect(v.parse(templateOptions, { share }).share).toEqual({ ...share, push: false });
    expect(problems({ share: { ...share, push: true } })).toEqual([
      "share.push: cannot be combined with `verify`: an unsigned build would replace a signed one",
    ]);
  },
);

test.each([
  [{ buildArgs: { "a b": "c" } }, "buildArgs.a b: must be letters, digits or `_`, not starting with a digit"],
  [
    { secrets: { k: { env: "1" } } },
    "secrets.k.env: must be letters, digits or `_`, not starting with a digit",
  ],
  [
    { secrets: { k: { file: "rel" } } },
    "secrets.k.file: must be an absolute path unless a configuration file sets it",
  ],
])("describes in words what %j must be", (written, problem) => {
  expect(problems(written)).toEqual([problem]);
});

describe("rejects", () => {
  test.each([
    ["an unknown key", { repoprefix: "x" }, "repoprefix"],
    ["keepGitDir", { keepGitDir: true }, "keepGitDir"],
    ["submodules in words", { allowSubmodules: "yes" }, "allowSubmodules"],
    ["LFS in words", { allowLfs: "yes" }, "allowLfs"],
    ["a registry that is no list", { allowedRegistries: "docker.io" }, "allowedRegistries"],
    ["a name that is no host", { allowedRegistries: ["library"] }, "allowedRegistries.0"],
    ["a registry by its address", { allowedRegistries: ["ghcr.io", "https://r.io"] }, "allowedRegistries.1"],
    ["a registry with a path", { allowedRegistries: ["ghcr.io/acme"] }, "allowedRegistries.0"],
    ["another name of Docker Hub", { allowedRegistries: ["index.docker.io"] }, "allowedRegistries.0"],
    ["another answer to a forge that is down", { whenForgeIsDown: "pull" }, "whenForgeIsDown"],
    ["a share that is no map", { share: "registry.example.com/acme" }, "share"],
    ["a share with a scheme", { share: { registry: "https://r.example/acme" } }, "share.registry"],
    ["a share with a tag", { share: { registry: "r.example/acme:x" } }, "share.registry"],
    ["a share without a registry of its own", { share: { registry: "acme/x" } }, "share.registry"],
    ["a signer that is no map", { share: { registry: "r.example/acme", verify: true } }, "share.verify"],
    ["half a signer", { share: { registry: "r.example/acme", verify: { identity: "x" } } }, "share.verify"],
    ["a share with an unknown key", { share: { registry: "r.example/acme", pull: true } }, "share"],
    ["a file out of the template", { buildArgsFrom: { V: "../version" } }, "buildArgsFrom"],
    ["a file that is no path", { buildArgsFrom: { V: "" } }, "buildArgsFrom"],
    ["a file for what is no argument", { buildArgsFrom: { "A B": "version" } }, "buildArgsFrom"],
    ["an empty branch", { branch: "" }, "branch"],
    ["a branch that leads elsewhere in the API", { branch: "../../../admin" }, "branch"],
    ["a branch with an empty part", { branch: "a//b" }, "branch"],
    ["a branch with a control character", { branch: "a\nb" }, "branch"],
    ["a branch that is half a character", { branch: "a\ud800" }, "branch"],
    ["an empty Dockerfile", { dockerfile: "" }, "dockerfile"],
    ["an absolute Dockerfile", { dockerfile: "/etc/Dockerfile" }, "dockerfile"],
    ["a Dockerfile on a drive", { dockerfile: "C:\\Dockerfile" }, "dockerfile"],
    ["a Dockerfile outside", { dockerfile: "docker/../../Dockerfile" }, "dockerfile"],
    ["a Dockerfile outside, by backslashes", { dockerfile: "..\\Dockerfile" }, "dockerfile"],
    ["an empty target", { target: "" }, "target"],
    ["an argument with an invalid name", { buildArgs: { "A B": "1" } }, "buildArgs"],
    ["an argument that is a number", { buildArgs: { A: 1 } }, "buildArgs"],
    ["a secret's value", { secrets: { key: "hunter22" } }, "secrets"],
    ["a secret of two places", { secrets: { key: { env: "A", file: "/a" } } }, "secrets"],
    ["a secret of a relative file", { secrets: { key: { file: "key" } } }, "secrets"],
    ["a secret's file that cannot be a path", { secrets: { key: { file: "/a\0b" } } }, "secrets"],
    ["a secret's ID that would be two arguments", { secrets: { "a,src=/b": { env: "A" } } }, "secrets"],
    ["a secret from a variable with an invalid name", { secrets: { key: { env: "A B" } } }, "secrets"],
    ["another forge", { forge: "svn" }, "forge"],
    ["a runtime that cannot be one", { templates: { "A B": {} } }, "templates.A B"],
    ["an unknown key of a runtime", { templates: { codex: { repository: "x" } } }, "templates.codex"],
    ["a repository with a user", codex({ repo: "https://me:hunter2@h/a/b" }), "templates.codex.repo"],
    ["a repository without http", codex({ repo: "ssh://h/a/b" }), "templates.codex.repo"],
    ["a repository by path", codex({ repo: "../codex" }), "templates.codex.repo"],
    ["a repository without a name", codex({ repo: "https://h/a/" }), "templates.codex.repo"],
    ["a short hash", codex({ revision: "9c04ccd" }), "templates.codex.revision"],
    ["a hash in capitals", codex({ revision: "A".repeat(40) }), "templates.codex.revision"],
    ["a hash of zeros", codex({ revision: "0".repeat(40) }), "templates.codex.revision"],
    ["a branch instead of a hash", codex({ revision: "main" }), "templates.codex.revision"],
    ["another forge for a runtime", codex({ forge: "svn" }), "templates.codex.forge"],
    ["a Dockerfile outside for a runtime", codex({ dockerfile: "../D" }), "templates.codex.dockerfile"],
    ["an empty path", codex({ path: "" }), "templates.codex.path"],
    ["a path and a repository", codex({ path: "/d", repo: "https://h/a/b" }), "templates.codex.path"],
    ["a path and a forge", codex({ path: "/d", forge: "git" }), "templates.codex.path"],
    ["a path and a branch", codex({ path: "/d", branch: "main" }), "templates.codex.path"],
    ["a path and a commit", codex({ path: "/d", revision: "9".repeat(40) }), "templates.codex.path"],
    ["a prefix that is no text", { repoPrefix: 1 }, "repoPrefix"],
  ])("%s", (_what, written, path) => {
    expect(problems(written)).toEqual([expect.stringContaining(path)]);
  });
});
