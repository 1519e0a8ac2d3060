// Runs inside a root file system: starts one engine, reports how to reach it, and stops it on request or if abandoned.
import {
  startContainerStorage,
  startPrivateEngine,
  startPrivatePodman,
} from "../../packages/test-fixtures/dist/index.js";

const start = { docker: startPrivateEngine, podman: startPrivatePodman, buildah: startContainerStorage };
const asked = new Promise((resolve) => {
  for (const event of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"]) process.on(event, resolve);
});

try {
  const engine = await start[process.argv[2]]({ insecureRegistries: ["127.0.0.1"] });
  process.send({ address: engine.address, env: engine.env, pid: process.pid });
  await asked;
  await engine.stop();
} catch (error) {
  process.send?.({ problem: [error.message, error.hint].filter(Boolean).join("; ") });
  process.exitCode = 1;
}
process.removeAllListeners("disconnect");
if (process.connected) process.disconnect();
