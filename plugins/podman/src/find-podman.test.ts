import { chown, mkdir } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { findPodman } from "./find-podman.js";

let directory: TemporaryDirectory;
let servers: Server[];

beforeEach(async () => {
  directory = await temporaryDirectory();
  servers = [];
});
afterEach(async () => {
  for (const server of servers) server.close();
  await directory.remove();
});

async function listen(...names: readonly string[]): Promise<string> {
  const path = join(directory.path, ...names);
  await mkdir(dirname(path), { recursive: true });
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

const find = (env: Readonly<Record<string, string>> = {}): Promise<string> =>
  findPodman(
    { XDG_RUNTIME_DIR: join(directory.path, "user"), HOME: join(directory.path, "home"), ...env },
    join(directory.path, "root", "podman.sock"),
    join(directory.path, "run"),
  );

test("trims CONTAINER_HOST, and treats the empty string as unset", async () => {
  expect(await find({ CONTAINER_HOST: "tcp://host:1" })).toBe("tcp://host:1");
  expect(await find({ CONTAINER_HOST: " unix:///run/p.sock\r\n" })).toBe("unix:///run/p.sock");
  const own = await listen("user", "podman", "podman.sock");
  for (const CONTAINER_HOST of ["", "\n"]) expect(await find({ CONTAINER_HOST })).toBe(`unix://${own}`);
});

test("prefers the user's own socket, then root's, then a machine's", async () => {
  const machine = await listen("home", ".local", "share", "containers", "podman", "machine", "podman.sock");
  expect(await find()).toBe(`unix://${machine}`);
  const root = await listen("root", "podman.sock");
  expect(await find()).toBe(`unix://${root}`);
  const own = await listen("user", "podman", "podman.sock");
  expect(await find()).toBe(`unix://${own}`);
});

test("uses systemd's directory without XDG_RUNTIME_DIR, like podman", async () => {
  const own = await listen("run", String(process.geteuid?.()), "podman", "podman.sock");
  expect(await find({ XDG_RUNTIME_DIR: "" })).toBe(`unix://${own}`);
});

test("ignores a runtime directory of another user, which sudo -E keeps in the environment", async () => {
  const root = await listen("root", "podman.sock");
  await listen("user", "podman", "podman.sock");
  // Only root can change an owner; for other users, root's directory is another user's.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) await chown(join(directory.path, "user"), 12345, 12345);
  expect(await find(isRoot ? {} : { XDG_RUNTIME_DIR: "/" })).toBe(`unix://${root}`);
});

test("ignores a relative path", async () => {
  await expect(find({ XDG_RUNTIME_DIR: "relative", HOME: "" })).rejects.toMatchObject({
    message: `Podman is not listening: no socket at ${join(directory.path, "root", "podman.sock")}`,
  });
});

test("the error lists the searched sockets, and how to start Podman", async () => {
  await mkdir(join(directory.path, "user", "podman", "podman.sock"), { recursive: true });
  await expect(find()).rejects.toMatchObject({
    code: "ENGINE_UNAVAILABLE",
    message: expect.stringContaining("/user/podman/podman.sock or "),
    hint: expect.stringContaining("systemctl --user enable --now podman.socket"),
  });
});
