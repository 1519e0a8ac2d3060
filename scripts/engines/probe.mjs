// What an engine says of itself.
import { once } from "node:events";
import { startInside } from "./inside.mjs";

const programs = { docker: "dockerd", podman: "podman", buildah: "buildah" };

/** The version that the engine's program reports, such as `28.5.2+dfsg4`. */
export async function programVersion(engine) {
  const run =
    'process.stdout.write(require("node:child_process").execFileSync(process.argv[1], ["--version"]))';
  const child = startInside(engine, ["-e", run, programs[engine.kind]], { stdio: ["ignore", "pipe", 2] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
  await once(child, "close");
  return /\d+\.[\w.+~-]*\w/.exec(text)?.[0] ?? "unknown version";
}
