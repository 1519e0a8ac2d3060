import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, temporaryDirectory } from "@molecule/testkit/internal";
import { freeNetwork } from "../engine/free-network.js";
import { startKeptProgram } from "../programs/kept-program.js";
import { waitUntilReady } from "../programs/wait-until-ready.js";

/** A network namespace with one interface: a machine, as far as its network is concerned. */
export interface Machine {
  /** Its IPv4 address. */
  readonly address: string;
  /** The command that runs a program on it, to put before the program and its arguments. */
  readonly prefix: readonly string[];
  /** Returns how many bytes it has sent and received so far, headers included. */
  traffic(): Promise<{ readonly sent: number; readonly received: number }>;
}

/** Machines that can reach each other and this process, and nothing else. */
export interface TestNetwork {
  /** The address of this process in the network. */
  readonly address: string;
  readonly machines: readonly Machine[];
  /** Removes the network. May be called again. Runs automatically when this process ends, for whatever reason. */
  stop(): Promise<void>;
}

/**
 * Starts a network of up to 250 machines. Needs root on Linux. Rejects with `TOOL_MISSING`, or with
 * `ENGINE_UNAVAILABLE` if the kernel does not allow it.
 */
export async function startNetwork(count: number): Promise<TestNetwork> {
  const ip = await findProgram("ip", "iproute2");
  const nsenter = await findProgram("nsenter", "util-linux");
  const name = `mol${randomBytes(4).toString("hex")}`;
  const network = await freeNetwork(ip);
  const address = network.replace(/\/.*$/, "");
  const subnet = address.replace(/\.\d+$/, "");
  const directory = (await temporaryDirectory()).path;
  const logFile = join(directory, "log");
  const program = startKeptProgram({
    command: ["/bin/sleep", "infinity"],
    logFile,
    env: { NAME: name, NETWORK: network, SUBNET: subnet, COUNT: String(count), DIRECTORY: directory },
    setUp,
    tearDown,
  });
  // Created when everything is set up.
  const isReady = (): Promise<boolean> => Promise.resolve(existsSync(logFile));
  await waitUntilReady({ name: "a network of namespaces", program, deadlineMs: 60_000, isReady });

  const machine = (_: unknown, index: number): Machine => {
    const counter = async (direction: "rx" | "tx"): Promise<number> =>
      Number(await readFile(`/sys/class/net/${name}v${String(index)}/statistics/${direction}_bytes`, "utf8"));
    return {
      address: `${subnet}.${String(index + 2)}`,
      // `ip netns exec` would also replace /sys, and runc needs the control groups there.
      prefix: [nsenter, `--net=/run/netns/${name}-${String(index)}`],
      // The bridge receives what the machine sends.
      traffic: async () => ({ sent: await counter("rx"), received: await counter("tx") }),
    };
  };
  return { address, machines: Array.from({ length: count }, machine), stop: () => program.stop() };
}

const setUp = `
ip link add name "$NAME" type bridge
ip address add "$NETWORK" dev "$NAME"
ip link set "$NAME" up
index=0
while [ $index -lt "$COUNT" ]; do
  machine=$NAME-$index
  ip netns add "$machine"
  ip link add "\${NAME}v$index" type veth peer name eth0 netns "$machine"
  ip link set "\${NAME}v$index" master "$NAME" up
  ip -n "$machine" address add "$SUBNET.$((index + 2))/24" dev eth0
  ip -n "$machine" link set lo up
  ip -n "$machine" link set eth0 up
  index=$((index + 1))
done
`;

const tearDown = `
exec 2>/dev/null
index=0
while [ $index -lt "$COUNT" ]; do
  ip link delete "\${NAME}v$index"
  ip netns delete "$NAME-$index"
  index=$((index + 1))
done
ip link delete "$NAME"
rm -rf "$DIRECTORY"
`;
