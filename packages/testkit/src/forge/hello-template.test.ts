import { expect, test } from "@jest/globals";
import { startForge } from "./start-forge.js";
import { helloTemplate } from "./hello-template.js";

test("the hello template is served by a forge, with a busybox that can be executed", async () => {
  const forge = await startForge();
  await forge.addTemplate("hermes", helloTemplate({ message: "from the test" }));
  expect(await forge.git("hermes", ["show", "main:message.txt"])).toBe("from the test\n");
  expect(await forge.git("hermes", ["ls-tree", "main", "busybox"])).toMatch(/^100755 blob /);
  expect(await forge.git("hermes", ["show", "main:Dockerfile"])).toMatch(/^FROM scratch\n/);
  await forge.stop();
});
