import { request } from "node:http";

/** Sends one request to the engine, bypassing the code under test. */
export function askEngine(address: string, method: "GET" | "DELETE", path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: address.replace(/^unix:\/\//, ""), method, path }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject).on("end", () => {
        const body = Buffer.concat(chunks);
        const status = response.statusCode ?? 0;
        if (status < 400 || method === "DELETE") resolve(body);
        else reject(new Error(`${method} ${path}: ${String(status)} ${body.toString()}`));
      });
    });
    call.on("error", reject).end();
  });
}
