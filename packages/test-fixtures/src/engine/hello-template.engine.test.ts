import { mkdir, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { expect, test } from "@jest/globals";
import { describeWithEngine } from "./describe-with-engine.js";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { helloTemplate } from "@molecule/testkit";
import { programPath, temporaryDirectory } from "@molecule/testkit/internal";

/** Sends one request to the engine and returns the body. */
function ask(
  address: string,
  method: string,
  path: string,
  type: string,
  body: Buffer | string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: address.replace("unix://", ""),
        method,
        path,
        headers: { "content-type": type },
        agent: false,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () => resolve(text));
        response.on("error", reject);
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

async function packed(message: string): Promise<Buffer> {
  const directory = await temporaryDirectory();
  for (const [name, file] of Object.entries(helloTemplate({ message }))) {
    const path = join(directory.path, name);
    await mkdir(join(path, ".."), { recursive: true });
    if (typeof file === "string") await writeFile(path, file);
    else if ("content" in file) await writeFile(path, file.content, { mode: file.mode });
  }
  const options = { env: { PATH: programPath() }, encoding: "buffer", maxBuffer: 64 * 1024 * 1024 } as const;
  const { stdout } = await promisify(execFile)("tar", ["-C", directory.path, "-c", "."], options);
  await directory.remove();
  return stdout;
}

describeWithEngine(runner, "the hello template", ({ address }) => {
  test.each(["1", "2"])("is built by builder %s, and its container prints the message", async (version) => {
    const tag = `molecule-testkit-hello:${version}`;
    const message = `hello from builder ${version}`;
    const built = await ask(
      address,
      "POST",
      `/build?version=${version}&t=${tag}`,
      "application/x-tar",
      await packed(message),
    );
    expect(built).not.toContain("errorDetail");
    const json = "application/json";
    const created = await ask(
      address,
      "POST",
      "/containers/create",
      json,
      JSON.stringify({ Image: tag, Tty: true }),
    );
    const { Id: id } = JSON.parse(created) as { Id: string };
    await ask(address, "POST", `/containers/${id}/start`, json, "");
    await ask(address, "POST", `/containers/${id}/wait`, json, "");
    expect(await ask(address, "GET", `/containers/${id}/logs?stdout=1`, json, "")).toBe(`${message}\r\n`);
    await ask(address, "DELETE", `/containers/${id}`, json, "");
    await ask(address, "DELETE", `/images/${tag}`, json, "");
  });
});
