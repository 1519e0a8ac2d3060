import "reflect-metadata";
import { expect, test } from "@jest/globals";
import { silentLog, tokens, type Log } from "@molecule/core";
import { container as root } from "tsyringe";
import { createImageProvider } from "../create-image-provider.js";
import { useHost } from "../use-host.test.support.js";

const host = useHost();

const secret = "t0ken-of-the-forge";
function recorder(): { log: Log; lines: unknown[] } {
  const lines: unknown[] = [];
  return { lines, log: { ...silentLog, warn: (message, fields) => void lines.push({ message, fields }) } };
}

test.each(["logger", "container"] as const)(
  "the application's %s receives masked lines, each with the name of its source",
  async (way) => {
    const { log, lines } = recorder();
    const container = root.createChildContainer();
    if (way === "container") container.register(tokens.log, { useValue: log });
    const env = { MOLECULE_GITEA_TOKEN: secret, HTTPS_PROXY: "http://u:passw0rd-x@p:1" };
    const images = await createImageProvider(
      host.options({ env, container, logger: way === "logger" ? log : undefined }),
    );
    host.seen.at(-1)?.services.log.warn(`token ${secret}`, { proxy: env.HTTPS_PROXY });
    images.container.resolve<Log>(tokens.log).warn(secret);
    expect(lines).toEqual([
      { message: "token ***", fields: { source: "gitea-local-build", proxy: "http://u:***@p:1" } },
      { message: "***", fields: undefined },
    ]);
    await images.close();
  },
);

test("a log hides a secret that a source learns later", async () => {
  const { log, lines } = recorder();
  await createImageProvider(host.options({ logger: log }));
  const services = host.seen.at(-1)?.services;
  services?.mask.add("learnt-later");
  services?.log.warn("learnt-later");
  expect(lines).toMatchObject([{ message: "***" }]);
});
