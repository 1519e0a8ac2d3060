// The peak memory of a process: after a small build, and after a large one. Prints JSON, in bytes.
import { readFileSync } from "node:fs";
import { createImageProvider } from "@molecule/host";
import giteaLocalBuild from "@molecule/source-gitea-local-build";

const [, , small, big] = process.argv;
const images = await createImageProvider({ cwd: "/", env: process.env, plugins: [giteaLocalBuild] });
// Not `maxRSS` of process.resourceUsage(): that starts from the value of the parent process.
const most = () => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
await images.ensure(small);
const before = most();
await images.ensure(big);
console.log(JSON.stringify({ before, after: most() }));
await images.close();
