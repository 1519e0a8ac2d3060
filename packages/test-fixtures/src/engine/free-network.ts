import { randomInt } from "node:crypto";
import { programPath, runProgram } from "@molecule/testkit/internal";

/** Returns a `172.31.N.1/24` that overlaps with no network on this machine. */
export async function freeNetwork(ip: string): Promise<string> {
  const taken = await networksInUse(ip);
  const first = randomInt(256);
  for (let step = 0; step < 256; step += 1) {
    const third = (first + step) % 256;
    const candidate = { start: ((172 << 24) | (31 << 16) | (third << 8)) >>> 0, bits: 24 };
    if (!taken.some((network) => overlap(network, candidate))) return `172.31.${String(third)}.1/24`;
  }
  throw new Error("every network of 172.31.0.0/16 is in use on this machine");
}

interface Network {
  readonly start: number;
  readonly bits: number;
}

// `os.networkInterfaces()` omits a bridge that has nothing attached.
async function networksInUse(ip: string): Promise<readonly Network[]> {
  const text = await runProgram(ip, ["-oneline", "-family", "inet", "address", "show"], {
    env: { PATH: programPath() },
  });
  return [...text.matchAll(/ inet (\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)/g)].map(([, ...numbers]) => {
    const [a = 0, b = 0, c = 0, d = 0, bits = 32] = numbers.map(Number);
    return { start: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, bits };
  });
}

function overlap(one: Network, other: Network): boolean {
  const shift = 2 ** (32 - Math.min(one.bits, other.bits));
  return Math.floor(one.start / shift) === Math.floor(other.start / shift);
}
