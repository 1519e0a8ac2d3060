import { expect, test } from "@jest/globals";
import { loadDockerode } from "./load-dockerode.js";

const failWith = (code: string) => () =>
  Promise.reject(Object.assign(new Error("cannot load dockerode"), { code }));

test.each(["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"])(
  "without dockerode (%s), a classic build is TOOL_MISSING, and the hint names the package to install",
  async (code) => {
    await expect(loadDockerode("unix:///run/podman.sock", failWith(code))).rejects.toMatchObject({
      code: "TOOL_MISSING",
      message: expect.stringContaining("unix:///run/podman.sock") as unknown,
      hint: expect.stringContaining("npm install dockerode") as unknown,
    });
  },
);

test("a dockerode that fails to load is not reported as missing", async () => {
  await expect(loadDockerode("unix:///x.sock", failWith("ERR_DLOPEN_FAILED"))).rejects.toThrow(
    "cannot load dockerode",
  );
});
