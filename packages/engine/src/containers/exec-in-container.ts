import { setTimeout as sleep } from "node:timers/promises";
import { ImageSourceError, type EngineCall, type ExecRequest, type ExecResult } from "@molecule/core";
import { containerFailure, containerPath, shownContainer } from "./container-failure.js";
import { outputPieces } from "./container-frames.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { fieldsOf, numberOf, textOf } from "../connection/json-fields.js";

const maxOutputBytes = 16 * 1024 * 1024;
/** Polling interval for the exit of the program: its output ends slightly earlier. */
const lookMs = 50;

/** Runs a program in a running container. */
export async function execInContainer(
  connection: EngineConnection,
  id: string,
  request: ExecRequest,
  { signal }: EngineCall,
): Promise<ExecResult> {
  try {
    const exec = await createExec(connection, id, request, { signal });
    const output = await runExec(connection, id, exec, { signal });
    return { exitCode: await exitCodeOf(connection, exec, { signal }), ...output };
  } catch (error) {
    const hint = "Check that the container runs and has that program, user and directory.";
    const action = `run a program in ${shownContainer(id)}`;
    throw containerFailure(connection.explain(error, { signal }), action, connection.address, hint);
  }
}

async function createExec(
  connection: EngineConnection,
  id: string,
  { command, env = {}, user, workingDirectory }: ExecRequest,
  { signal }: EngineCall,
): Promise<string> {
  const path = `${containerPath(id)}/exec`;
  const json = {
    AttachStdout: true,
    AttachStderr: true,
    Cmd: command,
    Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    User: user,
    WorkingDir: workingDirectory,
  };
  return textOf(fieldsOf(await connection.ask({ method: "POST", path, json, signal })).Id);
}

async function runExec(
  connection: EngineConnection,
  id: string,
  exec: string,
  { signal }: EngineCall,
): Promise<Omit<ExecResult, "exitCode">> {
  const path = `/exec/${encodeURIComponent(exec)}/start`;
  const json = { Detach: false, Tty: false };
  const source = await connection.open({ method: "POST", path, json, signal });
  const chunks = { stdout: new Array<Uint8Array>(), stderr: new Array<Uint8Array>() };
  let length = 0;
  for await (const { stream, bytes } of outputPieces(source)) {
    length += bytes.length;
    if (length > maxOutputBytes) throw tooMuchOutput(id);
    chunks[stream].push(bytes);
  }
  return {
    stdout: Buffer.concat(chunks.stdout).toString("utf8"),
    stderr: Buffer.concat(chunks.stderr).toString("utf8"),
  };
}

async function exitCodeOf(
  connection: EngineConnection,
  exec: string,
  { signal }: EngineCall,
): Promise<number> {
  const path = `/exec/${encodeURIComponent(exec)}/json`;
  for (;;) {
    const { Running, ExitCode } = fieldsOf(await connection.ask({ method: "GET", path, signal }));
    if (Running !== true) return numberOf(ExitCode);
    await sleep(lookMs, undefined, { signal });
  }
}

function tooMuchOutput(id: string): ImageSourceError {
  return new ImageSourceError({
    code: "CONTAINER_FAILED",
    message: `a program in container ${id} printed more than ${String(maxOutputBytes / 1024 / 1024)} MiB`,
    hint: "Write the output to a file in a volume instead.",
  });
}
