import { request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import { respond, startHttpServer, type HttpServer } from "../../http/http-server.js";

/** The behaviour of a server that is reached through its door. */
export type Weather =
  | "fair"
  /** Ends each connection without a response. */
  | "down"
  /** Accepts requests and never responds. */
  | "silent"
  /** Responds with binary garbage. */
  | "garbage"
  /** Responds endlessly. */
  | "flood"
  /** Refuses the request, and echoes what the client sent. */
  | "echo"
  | { readonly status: number }
  /** Cuts off the response with that number, counted from 1; the others are complete. */
  | { readonly cut: number };

/** A proxy in front of the servers of one law. */
export interface Doors {
  /** Whether there is a server behind a door. */
  readonly isUsed: boolean;
  /** The number of requests since the weather changed. */
  readonly requests: number;
  weather: Weather;
  open(address: string): Promise<string>;
  close(): Promise<void>;
}

/** The number of bytes in a flood. */
export const floodBytes = 256 * 1024 * 1024;

export function createDoors(): Doors {
  const servers: HttpServer[] = [];
  let weather: Weather = "fair";
  let requests = 0;
  return {
    get isUsed() {
      return servers.length > 0;
    },
    get requests() {
      return requests;
    },
    get weather() {
      return weather;
    },
    set weather(next) {
      weather = next;
      requests = 0;
    },
    async open(address) {
      const target = new URL(address.includes("://") ? address : `http://${address}`);
      const server = await startHttpServer((request, response) => {
        requests += 1;
        serve(target, request, response, weather, requests);
      });
      servers.push(server);
      const host = `127.0.0.1:${String(server.port)}`;
      return address.replace(target.host, host);
    },
    close: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

function serve(
  target: URL,
  request: IncomingMessage,
  response: ServerResponse,
  weather: Weather,
  turn: number,
): void {
  if (weather === "silent") return;
  if (weather === "down") request.socket.resetAndDestroy();
  else if (weather === "garbage") respond(response, 200, {}, Buffer.from([0xff, 0x00, 0xfe, 0x0a]));
  else if (weather === "flood") flood(response);
  else if (weather === "echo") respond(response, 401, {}, request.rawHeaders.join("\n"));
  else if (weather !== "fair" && "status" in weather) respond(response, weather.status, {}, "no\n");
  else pass(target, request, response, weather !== "fair" && weather.cut === turn);
}

function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(256 * 1024, " ");
  let left = floodBytes / chunk.length;
  const pour = (): void => {
    while (left > 0) {
      left -= 1;
      if (!response.write(chunk)) return;
    }
    response.end();
  };
  response.on("drain", pour).writeHead(200, { "content-type": "application/json" });
  pour();
}

function pass(target: URL, request: IncomingMessage, response: ServerResponse, cut: boolean): void {
  const { method = "GET", url = "/", headers } = request;
  const broken = (): void => {
    response.destroy();
  };
  const forwarded = ask(
    { host: target.hostname, port: target.port, method, path: url, headers },
    (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, upstream.rawHeaders);
      upstream.on("error", broken);
      if (!cut) {
        upstream.pipe(response);
        return;
      }
      upstream.once("data", (chunk: Buffer) => {
        response.write(chunk.subarray(0, chunk.length / 2), broken);
      });
      upstream.once("end", broken);
    },
  );
  forwarded.on("error", broken);
  response.on("close", () => forwarded.destroy());
  request.pipe(forwarded);
}
