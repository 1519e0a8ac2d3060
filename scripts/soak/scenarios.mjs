// Runs one round. It must end with an image or with a typed error that fits the fault, never with a bug.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../pnpm.mjs";
import { runtimes, slowTemplate } from "./world.mjs";

const command = join(root, "packages", "cli", "bin", "molecule-image");

const forgeFaults = [
  ["forge 503", { status: 503 }],
  ["forge 429", { status: 429, headers: { "retry-after": "1" } }],
  ["forge reset", { reset: true }],
  ["forge garbage", { body: '{"commit":' }],
  ["forge 404", { status: 404, body: "{}" }],
];

const registryFaults = [
  ["registry 503", { answer: { status: 503 } }],
  ["registry 401", { answer: { status: 401 } }],
  ["registry reset", { reset: true }],
  ["registry garbage", { answer: { status: 200, body: "{" } }],
];

const engineFaults = [
  ["engine resets", { reset: true }],
  ["engine cuts its response", { cut: { after: 600 } }],
  ["engine cuts an upload", { cut: { after: 300_000, of: "request" } }],
  ["engine garbage", { garbage: "HTTP/1.1 200 OK\r\n\r\n{]" }],
  ["engine 500", { answer: { status: 500, body: '{"message":"soak"}' } }],
  ["engine slow", { slow: { bytesPerSecond: 20_000 } }],
];

/** Runs the built command; a signal may kill it at any moment. */
export async function runCommand(args, env, cwd, ending) {
  const child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (status, signal) => resolve({ status, signal }));
  });
  if (ending !== undefined) {
    await Promise.race([sleep(ending.afterMs), ended]);
    child.kill(ending.signal);
  }
  return { ...(await ended), stdout, stderr };
}

function codeOf({ status, signal, stdout, stderr }) {
  if (signal !== null) return signal;
  try {
    const { results, error } = JSON.parse(stdout);
    const failure = error ?? results?.find(({ ok }) => !ok)?.error;
    return failure?.code ?? "ok";
  } catch {
    return `exit ${status}: ${stderr.trim().split("\n").at(-1) ?? ""}`;
  }
}

/** One round: a fault, a call during it, and a call after it that must succeed. Returns what happened. */
export async function runRound(world, random, providers) {
  const isPull = random.chance(0.3);
  const runtime = isPull ? runtimes[0] : random.pick(runtimes);
  const env = isPull ? world.remote : world.local;
  if (isPull) await world.forget();
  else if (random.chance(0.6)) await world.forge.commit(runtime, slowTemplate());

  const { fault, plan, clear } = chosenFault(world, random, isPull);
  plan();
  const codes = [];
  const verb = random.pick(["ensure", "ensure", "ensure", "refresh", "plan"]);
  if (fault === "abort")
    codes.push(await abortedCall(providers[isPull ? "remote" : "local"], runtime, random));
  else if (fault.startsWith("SIG")) {
    const ending = { signal: fault, afterMs: random.below(isPull ? 1_200 : 2_500) };
    codes.push(codeOf(await runCommand([verb, runtime, "--json"], env, world.directory, ending)));
  } else codes.push(await libraryCall(providers[isPull ? "remote" : "local"], verb, runtime));
  await clear();

  // No manual step in between.
  const after = codeOf(await runCommand(["ensure", runtime, "--json"], env, world.directory));
  return { fault, codes, after };
}

function chosenFault(world, random, isPull) {
  const nothing = { plan: () => undefined, clear: async () => undefined };
  // More than half, because five minutes should contain fifty of them.
  if (random.chance(0.6)) return { fault: "SIGKILL", ...nothing };
  const chosen = random.below(6);
  if (chosen === 0) return { fault: random.pick(["SIGINT", "SIGTERM"]), ...nothing };
  if (chosen === 1) return { fault: "abort", ...nothing };
  if (chosen < 4 && isPull) {
    const [name, spec] = random.pick(registryFaults);
    const times = 1 + random.below(5);
    return {
      fault: `${name} (${times} times)`,
      plan: () => world.registryProxy.fault(spec, { method: "GET", path: /manifests/, times }),
      clear: async () => world.registryProxy.clear(),
    };
  }
  if (chosen < 4) {
    const [name, spec] = random.pick(forgeFaults);
    const match = random.pick(["api", "git"]);
    const times = 1 + random.below(5);
    return {
      fault: `${name} (${match}, ${times} times)`,
      plan: () => world.forge.fault(match, spec, { times }),
      clear: async () => world.forge.clearFaults(),
    };
  }
  if (random.chance(0.3)) return disconnectEngine(world, random);
  const [name, spec] = random.pick(engineFaults);
  return {
    fault: name,
    plan: () => world.proxy.fault(spec, { times: 1 + random.below(3) }),
    clear: async () => world.proxy.clear(),
  };
}

/** Cuts every connection in the middle of the work, and leaves the server unreachable for a moment. */
function disconnectEngine(world, random) {
  let away = Promise.resolve();
  return {
    fault: "engine disconnects",
    plan: () => {
      away = (async () => {
        await sleep(random.below(1_500));
        await world.proxy.refuse();
        world.proxy.cut();
        await sleep(300);
        await world.proxy.listen();
      })();
    },
    clear: () => away,
  };
}

async function libraryCall(provider, verb, runtime, options = {}) {
  try {
    await provider[verb](runtime, options);
    return "ok";
  } catch (error) {
    return error.code ?? `untyped ${error.name}: ${error.message}`;
  }
}

/** Several callers, which abort one after the other. */
async function abortedCall(provider, runtime, random) {
  const callers = Array.from({ length: 3 }, () => new AbortController());
  const calls = callers.map(({ signal }) => libraryCall(provider, "refresh", runtime, { signal }));
  for (const caller of callers) {
    await sleep(random.below(600));
    caller.abort();
  }
  return (await Promise.all(calls)).join(" ");
}
