import { expect, test } from "@jest/globals";
import { homeOf } from "@molecule/node-edges";
import { usableEnv } from "./usable-env.js";

test("empty variables count as unset, except for the platform", () => {
  const env = { HOME: "", DOCKER_HOST: "", TMPDIR: "", PATH: "", XDG_CACHE_HOME: "", A: "a", B: undefined };
  expect(usableEnv({ ...env, MOLECULE_IMAGE_PLATFORM: "" })).toEqual({ A: "a", MOLECULE_IMAGE_PLATFORM: "" });
  expect(usableEnv({ MOLECULE_IMAGE_PLATFORM: undefined })).toEqual({});
});

test("a relative personal directory counts as unset; other relative paths stay", () => {
  const absolute = {
    HOME: "/h",
    XDG_CONFIG_HOME: "/c",
    XDG_RUNTIME_DIR: "/r",
    DOCKER_CONFIG: "d",
    PATH: ".:/b",
  };
  expect(usableEnv(absolute)).toEqual(absolute);
  const relative = {
    HOME: "h",
    XDG_CONFIG_HOME: "./c",
    XDG_CACHE_HOME: "c",
    XDG_DATA_HOME: "d",
    XDG_RUNTIME_DIR: "r",
  };
  expect(usableEnv(relative)).toEqual({});
});

test.each([undefined, "", "relative"])("with HOME=%j, the home comes from the user database", (HOME) => {
  expect(homeOf({ HOME })).toMatch(/^\//);
});
