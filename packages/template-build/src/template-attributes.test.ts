import { expect, test } from "@jest/globals";
import { parseRuntimeName } from "@molecule/core";
import * as v from "valibot";
import { optionsFor } from "./options/runtime-options.js";
import { templateOptions } from "./options/template-options.js";
import { templateAttributes } from "./template-attributes.js";

const revision = "9".repeat(40);
const repository = "https://git.example.com/me/hermes";

const attributesOf = (entry: object): object => {
  const options = v.parse(templateOptions, { templates: { hermes: entry } });
  return templateAttributes(optionsFor(options, parseRuntimeName("hermes")), repository);
};

const common = {
  "molecule.pinned": false,
  "molecule.working_copy": false,
  "molecule.build_args": ["RUNTIME_VERSION"],
};
const gitea = {
  "vcs.repository.url.full": repository,
  "vcs.provider.name": "gitea",
  "molecule.forge": "gitea",
};

test.each<[string, object, object]>([
  ["a branch's commit", {}, { ...common, ...gitea }],
  [
    "a configured branch and target",
    { branch: "next", target: "slim" },
    {
      ...common,
      ...gitea,
      "vcs.ref.head.name": "next",
      "vcs.ref.head.type": "branch",
      "molecule.target": "slim",
    },
  ],
  ["a pinned commit", { revision, branch: "next" }, { ...common, ...gitea, "molecule.pinned": true }],
  [
    "a git server of any product",
    { forge: "git", buildArgsFrom: {} },
    {
      ...common,
      "vcs.repository.url.full": repository,
      "molecule.forge": "git",
      "molecule.build_args": [],
    },
  ],
  ["a working copy, without its path", { path: "/home/me/x" }, { ...common, "molecule.working_copy": true }],
])("of %s", (_what, entry, expected) => {
  expect(attributesOf(entry)).toEqual(expected);
});
