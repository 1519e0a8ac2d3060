// A fleet on one machine: a forge, a registry, BuildKit builders and hosts, each builder and host with its own network.
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  startBuildkitd,
  startNetwork,
  startRegistry,
  temporaryDirectory,
} from "../../packages/test-fixtures/dist/index.js";
import { helloTemplate, startForge } from "../../packages/testkit/dist/index.js";
import { startRelay, startStepServer } from "./counters.mjs";
import { makeCertificates } from "./certificates.mjs";

const command = fileURLToPath(new URL("../../packages/cli/bin/molecule-image", import.meta.url));
const runtime = "hermes";
const builderPort = 1234;

/** Starts a fleet. Everything stops with `stop()`, and with this process. */
export async function openFleet({ builders, hosts }) {
  const closing = [];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  const opened = async (starting) => {
    const it = await starting;
    closing.push(() => (it.stop ?? it.remove).call(it));
    return it;
  };
  try {
    const directory = (await opened(temporaryDirectory())).path;
    const network = await opened(startNetwork(1 + builders + hosts));
    const [registryMachine, ...others] = network.machines;
    const builderMachines = others.slice(0, builders);
    const hostMachines = others.slice(builders);
    const tls = await makeCertificates(directory);
    const registry = await opened(
      startRegistry({ machine: { ...registryMachine, ...(await tls.server(registryMachine.address)) } }),
    );
    const startBuilder = async (machine) => {
      const { certificate, key } = await tls.files(machine.address);
      return opened(
        startBuildkitd({
          address: `tcp://${machine.address}:${builderPort}`,
          prefix: machine.prefix,
          configuration: `[registry."${registry.host}"]\nca = ["${tls.authority}"]\n`,
          args: [`--tlscacert=${tls.authority}`, `--tlscert=${certificate}`, `--tlskey=${key}`],
          clientArgs: tls.clientArgs,
        }),
      );
    };
    const running = new Map();
    for (const machine of builderMachines) running.set(machine.address, await startBuilder(machine));

    const forge = await opened(startForge());
    const relay = await opened(startRelay(network.address, Number(new URL(forge.baseUrl).port)));
    const steps = { begun: [], finished: [], onBegun: () => undefined };
    const stepServer = await opened(
      startStepServer(network.address, (path, builder) => {
        if (path === "/finished") steps.finished.push(builder);
        else {
          steps.begun.push(builder);
          steps.onBegun(builder);
        }
      }),
    );
    await forge.addTemplate(runtime, templateFor(stepServer.url));
    const [{ programs }] = running.values();
    const environment = {
      PATH: `${programs}:${dirname(process.execPath)}:/usr/bin:/bin`,
      NODE_EXTRA_CA_CERTS: tls.authority,
      DOCKER_HOST: "unix:///nonexistent/d.sock",
      MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: forge
        .repoPrefix()
        .replace(forge.baseUrl, `http://${network.address}:${relay.port}`),
    };
    const configuration = {
      sources: { local: "buildkit" },
      options: {
        buildkit: {
          addr: builderMachines.map(({ address }) => `tcp://${address}:${builderPort}`),
          tls: { ca: tls.authority, cert: tls.client.certificate, key: tls.client.key },
          into: "registry",
          registry: `${registry.host}/fleet`,
        },
      },
    };
    const configurationFile = join(directory, "config.json");
    await writeFile(configurationFile, JSON.stringify(configuration));

    return {
      /** The addresses of the builders on which the counted step began and finished. */
      steps,
      stop,
      /** Moves the template to a commit that nothing has built. */
      async commit() {
        await forge.commit(runtime, { "message.txt": `commit ${forge.requests.length}\n` });
      },
      async killBuilder(address) {
        await running.get(address)?.kill();
      },
      /** Starts the builders that were killed, with an empty cache. */
      async restartBuilders() {
        for (const machine of builderMachines) {
          if (await responds(running.get(machine.address))) continue;
          running.set(machine.address, await startBuilder(machine));
        }
      },
      /** Runs `ensure` on a host that has nothing yet. */
      async ensure(index) {
        const home = (await temporaryDirectory(directory)).path;
        const env = { ...environment, HOME: home, TMPDIR: home };
        const args = ["ensure", runtime, "--json", "--progress", "none", "--config", configurationFile];
        const { prefix } = hostMachines[index];
        const { status, stdout, stderr } = await run([...prefix, command, ...args], { cwd: home, env });
        if (status !== 0) return { failure: `exit status ${status}: ${stdout}${stderr}` };
        return { image: JSON.parse(stdout).results[0].image };
      },
      /** The counts since the start. */
      async counts() {
        return {
          forgeRequests: forge.requests.length,
          forgeBytes: relay.bytes(),
          builderBytes: await received(builderMachines),
          pushedBytes: await received([registryMachine]),
        };
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A template with a step that counts, takes a while, and adds 16 MB that do not compress. */
function templateFor(stepServer) {
  const { Dockerfile, ...files } = helloTemplate({ message: "first" });
  const get = (path) => `wget -q -O /dev/null ${stepServer}${path}`;
  const step = `RUN ${get("/begun")} && sleep 6 && dd if=/dev/urandom of=/data bs=1M count=16 && ${get("/finished")}\n`;
  return { ...files, Dockerfile: `${Dockerfile}${step}` };
}

async function received(machines) {
  const all = await Promise.all(machines.map((machine) => machine.traffic()));
  return all.reduce((sum, traffic) => sum + traffic.received, 0);
}

const responds = (builder) =>
  builder.buildctl("debug", "workers").then(
    () => true,
    () => false,
  );

function run([program, ...args], options) {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}
