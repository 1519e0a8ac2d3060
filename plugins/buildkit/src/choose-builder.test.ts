import { expect, test } from "@jest/globals";
import { orderFor } from "./choose-builder.js";

const addresses = ["tcp://one:1", "tcp://two:1", "tcp://three:1"];
const runtimes = Array.from({ length: 60 }, (_, index) => `runtime-${String(index)}`);
const firstOf = (runtime: string, among = addresses): string | undefined => orderFor(runtime, among)[0];

test("the order is a runtime's own, whatever the order of the list", () => {
  for (const runtime of runtimes) {
    expect([...orderFor(runtime, addresses)].sort()).toEqual([...addresses].sort());
    expect(orderFor(runtime, [...addresses].reverse())).toEqual(orderFor(runtime, addresses));
  }
  expect(new Set(runtimes.map((runtime) => firstOf(runtime)))).toEqual(new Set(addresses));
});

test("without an address, only its own runtimes move", () => {
  const fewer = addresses.slice(1);
  for (const runtime of runtimes)
    if (firstOf(runtime) !== addresses[0]) expect(firstOf(runtime, fewer)).toBe(firstOf(runtime));
});
