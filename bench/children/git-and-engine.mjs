// The least that a hit with `forge: git` needs. As a script: once, as a whole process.
import { execFile } from "node:child_process";
import { Agent, request } from "node:http";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);

export async function lsRemote(url) {
  const { stdout } = await execute("git", ["ls-remote", url, "refs/heads/main"]);
  if (!/^[0-9a-f]{40}\trefs\/heads\/main\n$/.test(stdout)) throw new Error(stdout);
}

/** Inspects the image over a connection that is kept open. */
export function createInspection(socketPath, reference) {
  const agent = new Agent({ keepAlive: true });
  return {
    run: () =>
      new Promise((resolve, reject) => {
        request({ agent, socketPath, path: `/images/${reference}/json` }, (response) => {
          response.on("data", () => undefined);
          response.on("end", () =>
            response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
          );
        })
          .on("error", reject)
          .end();
      }),
    close: () => agent.destroy(),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , url, socketPath, reference] = process.argv;
  await lsRemote(url);
  const inspection = createInspection(socketPath, reference);
  await inspection.run();
  inspection.close();
}
