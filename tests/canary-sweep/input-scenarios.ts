import { join } from "node:path";
import { exitStatusByCode } from "@molecule/core";
import { password, said, token } from "./canaries.js";
import { config, twice, type Scenarios } from "./scenario.js";

/** What a user passes: arguments, configuration files and plugins. */
export const inputScenarios: Scenarios = {
  "invalid arguments that contain a secret": () =>
    [
      ["ensure", "hermes", `--${token}`],
      [token],
      ["config", "--config", token],
      ["ensure", token],
      ["ensure", "hermes", "--platform", password],
    ].flatMap((args) => twice(args).map((all) => ({ args: all, status: 2 }))),
  "project files and plugins that contain a secret": ({ given }) =>
    [
      ["config", "--cwd", join(given, "found")],
      ["ensure", "hermes", ...config(given, "missing.json")],
      ["ensure", "hermes", ...config(given, "broken.json")],
      ["ensure", "hermes", ...config(given, "invalid.json")],
      ["ensure", "hermes", ...config(given, "unknown.json")],
    ].flatMap((args) => twice(args).map((all) => ({ args: all, status: 2, env: { SAID: said } }))),
  "a source that fails in every way and prints everything it knows": ({ given }) =>
    Object.entries(exitStatusByCode).flatMap(([CODE, status]) =>
      twice(["ensure", "hermes", ...config(given, "talkative.json"), "--progress", "plain"]).map((args) => ({
        args,
        status,
        env: { SAID: said, CODE },
      })),
    ),
};
