// Packs a directory as a build does, and sends it to a socket.
import { request } from "node:http";
import { packContext } from "../../packages/template-build/dist/context/pack-context.js";

const [, , directory, socketPath] = process.argv;
const context = packContext({
  directory,
  dockerfile: "Dockerfile",
  modifiedAt: new Date(0),
  signal: new AbortController().signal,
});
await new Promise((resolve, reject) => {
  const sending = request({ socketPath, method: "POST", path: "/build" }, (response) =>
    response.resume().on("end", resolve),
  );
  sending.on("error", reject);
  context.on("error", reject).pipe(sending);
});
