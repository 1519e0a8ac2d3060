import { spawn, type ChildProcess } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { respond } from "../http/http-server.js";
import type { GitProgram } from "./git-program.js";

export interface BackendRequest {
  /** The directory of the bare repository. */
  readonly directory: string;
  /** Such as `info/refs` or `git-upload-pack`. */
  readonly service: string;
  readonly query: string;
  /** If missing, the client is served protocol v0. */
  readonly passProtocol: boolean;
}

/** Runs `git http-backend` as a CGI program and returns it. It is killed when the client disconnects. */
export function serveGit(
  git: GitProgram,
  request: IncomingMessage,
  response: ServerResponse,
  what: BackendRequest,
): ChildProcess {
  const { headers } = request;
  const child = spawn(git.file, ["http-backend"], {
    env: {
      ...git.env,
      GIT_PROJECT_ROOT: what.directory,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: `/${what.service}`,
      QUERY_STRING: what.query,
      REQUEST_METHOD: request.method ?? "GET",
      REMOTE_ADDR: "127.0.0.1",
      ...variable("CONTENT_TYPE", headers["content-type"]),
      ...variable("CONTENT_LENGTH", headers["content-length"]),
      ...variable("HTTP_CONTENT_ENCODING", headers["content-encoding"]),
      ...variable("GIT_PROTOCOL", what.passProtocol ? headers["git-protocol"] : undefined),
    },
    // In its own process group, because upload-pack is a child of the backend.
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.on("error", (error) => {
    respond(response, 500, {}, error.message);
  });
  child.stdin.on("error", () => undefined);
  request.pipe(child.stdin);
  response.on("close", () => {
    endGroup(child);
  });
  forward(child.stdout, response);
  return child;
}

/** Kills the program and its children immediately. */
export function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has already exited; Node has not noticed yet.
  }
}

function variable(name: string, value: string | string[] | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: String(value) };
}

function forward(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    output.off("data", onData);
    writeHead(head.subarray(0, end).toString("latin1"), response);
    response.write(head.subarray(end + 4));
    output.pipe(response);
  };
  output.on("data", onData);
  output.on("end", () => {
    if (!response.headersSent) respond(response, 500, {}, "git http-backend sent no response");
  });
}

function writeHead(head: string, response: ServerResponse): void {
  let status = 200;
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
  response.flushHeaders();
}
