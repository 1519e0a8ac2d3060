import { expect, test } from "@jest/globals";
import { silentLog, type Log } from "@molecule/core";
import { openHost } from "../open-host.js";
import { useHost } from "../use-host.test.support.js";

const host = useHost();

test("the log includes what every engine reports to the machine's owner", async () => {
  const warnings: unknown[] = [];
  const log: Log = { ...silentLog, warn: (message, fields) => warnings.push(message, fields) };
  const env = { DOCKER_HOST: "tcp://192.0.2.1:2375" };
  const opened = await openHost(host.options({ env, logger: log }));
  await opened.createProvider();
  const signal = AbortSignal.abort();
  await expect(opened.engine.inspectImage("x", { signal })).rejects.toBeDefined();
  const further = host.seen[0]?.services.connectEngine("tcp://192.0.2.2", "a key");
  await expect(further?.inspectImage("x", { signal })).rejects.toBeDefined();
  await opened.close();

  expect(warnings).toEqual([
    expect.stringContaining("is not encrypted"),
    expect.objectContaining({ engine: "tcp://192.0.2.1:2375" }),
    expect.stringContaining("is not encrypted"),
    expect.objectContaining({ engine: "tcp://192.0.2.2:2375" }),
  ]);
});
