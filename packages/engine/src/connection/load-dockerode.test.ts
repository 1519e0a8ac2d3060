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

test.each([
  ["ERR_MODULE_NOT_FOUND", "Cannot find package 'docker-modem' imported from /app/x.js", "docker-modem"],
  ["MODULE_NOT_FOUND", "Cannot find module 'tar-fs/pack'\nRequire stack:\n- /app/x.js", "tar-fs"],
  ["MODULE_NOT_FOUND", "Cannot find module '@grpc/grpc-js'\nRequire stack:", "@grpc/grpc-js"],
])("names a missing dependency of dockerode (%s: %s)", async (code, message, name) => {
  const load = (): Promise<never> => Promise.reject(Object.assign(new Error(message), { code }));
  await expect(loadDockerode("unix:///x.sock", load)).rejects.toMatchObject({
    code: "TOOL_MISSING",
    message: expect.stringContaining(
      `the package ${name}, which dockerode needs, is not installed`,
    ) as unknown,
    hint: expect.stringMatching(/^Reinstall dockerode/) as unknown,
  });
});

test("a dockerode that fails to load is not reported as missing", async () => {
  await expect(loadDockerode("unix:///x.sock", failWith("ERR_DLOPEN_FAILED"))).rejects.toThrow(
    "cannot load dockerode",
  );
});
