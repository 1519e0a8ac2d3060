// Engine requests that no command sends: pushing an image, and cleaning up after the demo.
import { request } from "node:http";

function target(address) {
  const url = new URL(address);
  return url.protocol === "unix:" ? { socketPath: url.pathname } : { host: url.hostname, port: url.port };
}

/** Returns the body. Rejects on a status of 400 or above, and on an error inside a push stream. */
export function ask(address, method, path, headers = {}) {
  return new Promise((resolve, reject) => {
    const call = request({ ...target(address), method, path, headers }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (text) => (body += text));
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode >= 400 || body.includes('"errorDetail"'))
          reject(new Error(`${method} ${path}: ${body}`));
        else resolve(body);
      });
    });
    call.on("error", reject);
    call.end();
  });
}

/** Tags the image as `<repository>:latest` and pushes it. */
export async function pushImage(address, imageId, repository) {
  await ask(address, "POST", `/images/${imageId}/tag?repo=${encodeURIComponent(repository)}&tag=latest`);
  const auth = Buffer.from("{}").toString("base64");
  await ask(address, "POST", `/images/${repository}/push?tag=latest`, { "X-Registry-Auth": auth });
}

export async function removeImage(address, name) {
  await ask(address, "DELETE", `/images/${encodeURIComponent(name)}`).catch(() => undefined);
}
