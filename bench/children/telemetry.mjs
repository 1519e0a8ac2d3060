// Hits in one process, with and without an observer. Prints JSON with samples.
import { createImageProvider } from "@molecule/host";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import { openTelemetryObserver } from "@molecule/telemetry";
import { compare } from "../compare.mjs";

const [, , runtime, rounds] = process.argv;
const open = (more) =>
  createImageProvider({ cwd: "/", env: process.env, plugins: [giteaLocalBuild], ...more });
const without = await open({});
const observed = await open({ observer: openTelemetryObserver() });
await without.ensure(runtime);

const contender = (name, images) => ({ name, run: async () => void (await images.ensure(runtime)) });
const contenders = [
  contender("without an observer", without),
  contender("with openTelemetryObserver(), no SDK", observed),
];
const signal = new AbortController().signal;
// Lets V8 compile all of it before anything is measured.
await compare(contenders, { rounds: 200, signal });
console.log(JSON.stringify(await compare(contenders, { rounds: Number(rounds), signal })));
await Promise.all([without.close(), observed.close()]);
