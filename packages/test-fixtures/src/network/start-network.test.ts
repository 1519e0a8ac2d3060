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
    const network = await startNetwork(2);
    const [one, other] = network.machines;
    // Other suites start networks at the same time.
    const [name = ""] = /mol[0-9a-f]+/.exec(one?.prefix.join(" ") ?? "") ?? [];
    expect(await existing(name)).toEqual(expect.arrayContaining([name, `${name}-0`, `${name}-1`]));
    const peers: string[] = [];
    const server = createServer((socket) => {
      peers.push(socket.remoteAddress ?? "");
      socket.end(Buffer.alloc(1_000_000));
    });
    try {
      await new Promise<void>((resolve) => server.listen(0, network.address, resolve));
      const { port } = server.address() as AddressInfo;
      const script = `require("net").connect(${String(port)}, "${network.address}").resume()`;
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
    expect(await existing(name)).toEqual([]);
  });
});

/** Returns the interfaces with an address, and the namespaces, whose names start like this. */
async function existing(name: string): Promise<readonly string[]> {
  const namespaces = await readdir("/run/netns").catch(() => []);
  return [...Object.keys(networkInterfaces()), ...namespaces].filter((one) => one.startsWith(name)).sort();
}
