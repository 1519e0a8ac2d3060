import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import {
  describeWithBuildkit,
  describeWithEngine,
  makeAuthority,
  startBuildkitd,
  temporaryDirectory,
  type Buildkitd,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { failureOf, useSource } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import plugin from "./index.js";

interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
}

describeWithBuildkit(
  runner,
  "BuildKit",
  (plain) => {
    describeWithEngine(runner, "over TLS", ({ address }) => {
      const world = useSource(plugin, createImageProvider);
      let files: TemporaryDirectory;
      let builder: Buildkitd;
      /** Files that the builder accepts, and files that another authority issued. */
      let own: Required<Omit<Tls, "serverName">>;
      let other: typeof own;
      const at = (name: string): string => join(files.path, name);

      const issued = async (name: string): Promise<Record<"client" | "server", typeof own>> => {
        await mkdir(at(name));
        const authority = await makeAuthority(at(name));
        const of = async (host: string): Promise<typeof own> => ({
          ca: authority.file,
          ...(await authority.issue(host)).files,
        });
        return { client: await of("client"), server: await of("127.0.0.1") };
      };
      const flags = ({ ca, cert, key }: typeof own): readonly string[] => [
        `--tlscacert=${ca}`,
        `--tlscert=${cert}`,
        `--tlskey=${key}`,
      ];
      beforeAll(async () => {
        files = await temporaryDirectory();
        const { client, server } = await issued("own");
        [own, other] = [client, (await issued("other")).client];
        const [args, clientArgs] = [flags(server), flags(client)];
        builder = await startBuildkitd({ address: "tcp://127.0.0.1:0", args, clientArgs });
      }, 60_000);
      afterAll(async () => {
        await builder.stop();
        await files.remove();
      });

      const open = (addr: string, tls: Tls | undefined): Promise<HostImageProvider> =>
        world.open({
          env: { PATH: `${builder.programs}:${process.env.PATH ?? ""}`, DOCKER_HOST: address },
          options: { addr, ...(tls === undefined ? {} : { tls }) },
        });
      const refused = async (tls: Tls | undefined, addr = builder.address): ReturnType<typeof failureOf> => {
        const { runtime } = await world.addTemplate(helloTemplate());
        return failureOf((await open(addr, tls)).ensure(runtime));
      };

      test("builds with a client certificate", async () => {
        const { runtime, commit } = await world.addTemplate(helloTemplate());
        expect(await (await open(builder.address, own)).ensure(runtime)).toMatchObject({
          revision: commit,
          cached: false,
        });
      });

      test.each<[string, () => Tls | undefined, message: RegExp, hint: string]>([
        ["another authority", () => ({ ...own, ca: other.ca }), /signed by unknown authority/, "`tls.ca`"],
        [
          "another host name",
          () => ({ ...own, serverName: "other.example" }),
          /certificate is .*other\.example/,
          "`tls.serverName`",
        ],
        ["no client certificate", () => ({ ca: own.ca }), /cannot be reached/, "`tls.cert` and `tls.key`"],
        [
          "the client certificate of another authority",
          () => ({ ...other, ca: own.ca }),
          /certificate required|cannot be reached/,
          "`tls.cert` and `tls.key`",
        ],
        ["no TLS", () => undefined, /closed the connection|EOF|broken pipe|connection reset/, "Set `tls`"],
      ])("names the option that is wrong: %s", async (_what, tls, message, hint) => {
        const failure = await refused(tls());
        expect(failure).toMatchObject({
          code: "ENGINE_UNAVAILABLE",
          message: expect.stringMatching(message),
          hint: expect.stringContaining(hint),
        });
        expect(failure.message).toContain(builder.address);
        expect(failure.message).not.toMatch(/desc =|rpc|transport:/);
      });

      test("recognizes a builder that listens without TLS", async () => {
        expect(await refused(own, plain().address)).toMatchObject({
          code: "ENGINE_UNAVAILABLE",
          message: expect.stringContaining(plain().address),
          hint: expect.stringContaining("Remove `tls`"),
        });
      });

      test.each<[string, () => Tls]>([
        ["a certificate without its key", () => ({ ca: own.ca, cert: own.cert })],
        ["a name alone, which would not turn on TLS", () => ({ serverName: "127.0.0.1" })],
      ])("refuses %s", async (_what, tls) => {
        expect(await failureOf(open(builder.address, tls()))).toMatchObject({
          code: "CONFIG_INVALID",
          message: expect.stringContaining("options.buildkit.tls: "),
        });
      });

      test.each<[string, () => Tls, message: RegExp]>([
        ["ca", () => ({ ...own, ca: at("absent.pem") }), /absent\.pem: it does not exist$/],
        ["cert", () => ({ ...own, cert: at("own") }), /own: it is not a regular file$/],
        ["key", () => ({ ...own, key: own.cert }), /it is not an unencrypted private key in PEM format$/],
        ["ca", () => ({ ...own, ca: own.key }), /it is not a certificate in PEM format$/],
        ["key", () => ({ ...own, key: other.key }), /it is not the key of /],
      ])("refuses an unusable file before the template is fetched: tls.%s", async (key, tls, message) => {
        const before = world.forge.gitRequests().length;
        const failure = await refused(tls());
        expect(failure).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringMatching(message) });
        expect(failure.message).toContain(`options.buildkit.tls.${key} cannot be used: ${files.path}`);
        expect(world.forge.gitRequests().length).toBe(before);
      });
    });
  },
  { address: "tcp://127.0.0.1:0" },
);
