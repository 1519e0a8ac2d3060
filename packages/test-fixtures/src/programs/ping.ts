import { get as getPlain, type IncomingMessage } from "node:http";
import { get as getTls, type RequestOptions } from "node:https";

export interface Pong {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
}

/** Returns the status and headers of the response, or undefined if nothing responds within a second. */
export function ping(target: RequestOptions): Promise<Pong | undefined> {
  return new Promise((resolve) => {
    const get = target.protocol === "https:" ? getTls : getPlain;
    const request = get({ ...target, agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => {
      resolve(undefined);
    });
  });
}
