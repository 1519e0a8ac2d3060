import { expect, test } from "@jest/globals";
import { createImageProvider } from "../create-image-provider.js";
import { diagnose } from "../diagnose.js";
import { openHost } from "../open-host.js";
import type { HostOptions } from "./host.js";

const usable = { cwd: "/", env: {}, plugins: [] };

test.each<[unknown, string]>([
  [
    {},
    "`cwd` must be an absolute path, such as process.cwd(); `env` must be the environment variables, such as process.env",
  ],
  [undefined, "`cwd` must be"],
  [null, "`cwd` must be"],
  [{ ...usable, cwd: "src" }, "`cwd` must be an absolute path"],
  [{ ...usable, env: undefined }, "`env` must be the environment variables"],
  [{ ...usable, plugins: { name: "mine" } }, "`plugins` must be a list"],
  [{ ...usable, config: "rc.yaml", settings: {} }, "pass one of them"],
  [{ ...usable, config: true }, "`config` must be the path of a file, or false"],
  [{ ...usable, pluginz: [] }, "`pluginz` is not an option (did you mean `plugins`?)"],
  [{ ...usable, home: "me" }, "`home` must be an absolute path"],
  [{ ...usable, logger: { log: () => undefined } }, "`logger` has no debug(), info(), warn(), error()"],
  [{ ...usable, observer: () => undefined }, "`observer` must be an object, not a function"],
  [{ ...usable, observer: {} }, "`observer` has no begin()"],
])("%j is a TypeError that names what is wrong", async (options, message) => {
  for (const entry of [createImageProvider, openHost, diagnose]) {
    const error: unknown = await entry(options as HostOptions).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
  }
});
