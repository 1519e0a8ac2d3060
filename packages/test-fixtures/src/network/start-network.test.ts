import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { describeWherePossible } from "../programs/describe-where-possible.js";
import { missingForRoot } from "../programs/missing-for-root.js";
import { startNetwork } from "./start-network.js";

const missing = missingForRoot(["ip", "nsenter"]);

describeWherePossible({ describe, test }, "a network of namespaces", { what: "root", missing }, () => {
  test("counts what each machine sends and receives, and leaves nothing behind", async () => {
    const before = { bridges: Object.keys(networkInterfaces()), namespaces: await namespaces() };
    const network = await startNetwork(2);
    const peers: string[] = [];
    const server = createServer((socket) => {
      peers.push(socket.remoteAddress ?? "");
      socket.end(Buffer.alloc(1_000_000));
    });
    try {
      await new Promise<void>((resolve) => server.listen(0, network.address, resolve));
      const { port } = server.address() as AddressInfo;
      const script = `require("net").connect(${String(port)}, "${network.address}").resume()`;
      const [one, other] = network.machines;
      const [command, ...args] = [...(one?.prefix ?? []), process.execPath, "-e", script];
      await promisify(execFile)(command, args);
      expect(peers).toEqual([one?.address]);
      const traffic = await one?.traffic();
      expect(traffic?.received).toBeGreaterThan(1_000_000);
      expect(traffic?.received).toBeLessThan(1_200_000);
      expect(traffic?.sent).toBeLessThan(200_000);
      expect((await other?.traffic())?.received).toBeLessThan(10_000);
    } finally {
      server.close();
      await network.stop();
    }
    expect({ bridges: Object.keys(networkInterfaces()), namespaces: await namespaces() }).toEqual(before);
  });
});

const namespaces = (): Promise<readonly string[]> => readdir("/run/netns").catch(() => []);
