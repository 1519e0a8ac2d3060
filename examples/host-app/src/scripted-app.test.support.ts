import { PassThrough } from "node:stream";
import {
  cancelled,
  parseRuntimeName,
  tokens,
  type ImageSourceError,
  type ProgressEvent,
} from "@molecule/core";
import type { Provisioner } from "@molecule/provisioner";
import { container as root } from "tsyringe";
import { createServer } from "./server.js";
import { provisionerToken } from "./workspaces.js";

/** A workspace whose preparation the test controls. */
export interface ScriptedStart {
  progress(event: object): void;
  /** Lets the container run. */
  run(): void;
  print(text: string): void;
  exit(exitCode: number): void;
  fail(error: ImageSourceError): void;
}

/** The application without an engine: its workspaces do what the test says. */
export interface ScriptedApp {
  readonly url: string;
  /** In the order in which they were started. */
  readonly starts: readonly ScriptedStart[];
  stop(): Promise<void>;
}

const runtime = parseRuntimeName("hermes");

export async function startScriptedApp(): Promise<ScriptedApp> {
  const starts: ScriptedStart[] = [];
  const start: Provisioner["start"] = (_request, { onProgress, signal } = {}) =>
    new Promise((resolve, reject) => {
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      let exit: ((result: { readonly exitCode: number }) => void) | undefined;
      const exited = new Promise<{ readonly exitCode: number }>((ended) => {
        exit = ended;
      });
      signal?.addEventListener("abort", () => reject(cancelled()));
      const image = {
        reference: "molecule-local/workspace-template-hermes:9c04ccd00a1f",
        imageId: "sha256:1",
        cached: false,
      };
      starts.push({
        progress: (event) => onProgress?.({ runtime, step: "build", id: 1, ...event } as ProgressEvent),
        run: () =>
          resolve({ id: "c1", name: "eager_hopper", image, output: { stdout, stderr }, exited } as never),
        print: (text) => stdout.write(text),
        exit: (exitCode) => exit?.({ exitCode }),
        fail: reject,
      });
    });
  const provisioner = { start, remove: async () => undefined } as unknown as Provisioner;
  const images = {
    selection: { mode: "local", source: "scripted" },
    settings: { runtimes: new Set(["hermes", "codex"]) },
    close: async () => undefined,
  };
  const engine = { describe: async () => ({ kind: "docker", version: "0", platform: "linux/amd64" }) };
  const container = root.createChildContainer();
  container.register(provisionerToken, { useValue: provisioner });
  container.register(tokens.engine, { useValue: engine });
  container.register(tokens.imageProvider, { useValue: images });
  const server = createServer({ container, images: images as never });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  return { url, starts, stop: () => server.close() };
}
