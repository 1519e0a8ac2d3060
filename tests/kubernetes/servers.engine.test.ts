import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  describeWithBuildkit,
  startBuildkitd,
  startNetwork,
  temporaryDirectory,
  type Buildkitd,
  type Machine,
  type TemporaryDirectory,
  type TestNetwork,
} from "@molecule/test-fixtures";
import { root } from "../docs/documents.js";
import { folder, manifest } from "./manifests.js";

/* Real servers must accept the arguments and settings of the manifests in docs/operating/kubernetes. */

const run = promisify(execFile);
const [container] = manifest("StatefulSet", "buildkitd").spec?.template.spec?.containers ?? [];
const pod = "buildkitd-2.buildkitd.molecule-builders.svc";

describeWithBuildkit(runner, "a builder of the StatefulSet", (prepared) => {
  let directory: TemporaryDirectory;
  let network: TestNetwork;
  let builder: Buildkitd;
  /** The arguments for a connection with the certificate in a folder. */
  const tls = (of: "client" | "server", serverName = pod): readonly string[] => [
    `--tlsservername=${serverName}`,
    ...["ca", "cert", "key"].map((name) => `--tls${name === "ca" ? "cacert" : name}=${at(of, name)}`),
  ];
  const at = (...names: readonly string[]): string => `${join(directory.path, ...names)}.pem`;
  const workers = async (...args: readonly string[]): Promise<string> => {
    const all = [`--addr=${builder.address}`, ...args, "debug", "workers", "--verbose"];
    return (await run(join(builder.programs, "buildctl"), all, { env: { HOME: "/nonexistent" } })).stdout;
  };
  beforeAll(async () => {
    directory = await temporaryDirectory();
    await run(join(root, folder, "certificates.sh"), [directory.path]);
    network = await startNetwork(1);
    const [machine] = network.machines as readonly [Machine];
    const certificates = (container?.args ?? []).filter((argument) => argument.startsWith("--tls"));
    expect(certificates).toHaveLength(3);
    builder = await startBuildkitd({
      address: `tcp://${machine.address}:1234`,
      prefix: machine.prefix,
      args: certificates.map((argument) => argument.replace("/certs", join(directory.path, "server"))),
      clientArgs: tls("client"),
      configuration: manifest("ConfigMap", "buildkitd").data?.["buildkitd.toml"] ?? "",
    });
  });
  afterAll(async () => {
    await builder.stop();
    await network.stop();
    await directory.remove();
  });

  test("buildkitd knows every argument, and the probes are a command of buildctl", async () => {
    const { stdout } = await run(join(builder.programs, "buildkitd"), [
      ...(container?.args ?? []),
      "--version",
    ]);
    expect(stdout).toContain(/:(v[\d.]+)-rootless$/.exec(container?.image ?? "")?.[1]);
    for (const probe of [container?.readinessProbe, container?.livenessProbe]) {
      const [program = "", ...args] = probe?.exec?.command ?? [];
      expect(program).toBe("buildctl");
      const env = { BUILDKIT_HOST: prepared().address };
      expect((await run(join(builder.programs, program), args, { env })).stdout).toContain("PLATFORMS");
    }
  });

  test("the cache is limited to less than the volume", async () => {
    const limits = [...(await workers(...tls("client"))).matchAll(/Maximum used space:\s+([\d.]+)GB/g)];
    const [claim] = manifest("StatefulSet", "buildkitd").spec?.volumeClaimTemplates ?? [];
    const gibibytes = Number(/^(\d+)Gi$/.exec(String(claim?.spec?.resources?.requests?.["storage"]))?.[1]);
    expect(limits.length).toBeGreaterThan(0);
    for (const [, gigabytes] of limits) expect(Number(gigabytes) * 1e9).toBeLessThan(gibibytes * 2 ** 30);
  });

  test("hosts reach a builder by the name of its pod, with the certificate for hosts only", async () => {
    expect(await workers(...tls("client"))).toContain("linux/amd64");
    await expect(workers(...tls("client", "buildkitd.example.com"))).rejects.toThrow(
      /certificate is valid for/,
    );
    // A build step may read the certificate of its builder.
    await expect(workers(...tls("server"))).rejects.toThrow(/Unavailable/);
    const [serverName = "", authority = ""] = tls("client");
    await expect(workers(serverName, authority)).rejects.toThrow(/Unavailable/);
  });
});
