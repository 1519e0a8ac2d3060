// Hosts that watch one template: a provider each, with its own connections, in one process. Prints a line for each host
// whose image is ready, and the number of polls so far for each line that it reads.
import { createInterface } from "node:readline";
import { watchImages } from "@molecule/core";
import { createImageProvider } from "@molecule/host";
import giteaLocalBuild from "@molecule/source-gitea-local-build";

const [, , runtime, hosts, everyMs, forge] = process.argv;
const ending = new AbortController();
let polls = 0;
createInterface({ input: process.stdin })
  .on("line", () => console.log(polls))
  .on("close", () => ending.abort());

async function host() {
  const images = await createImageProvider({
    cwd: "/",
    env: process.env,
    config: false,
    settings: { options: { "gitea-local-build": { forge } } },
    plugins: [giteaLocalBuild],
  });
  const counted = {
    ensure: (...call) => images.ensure(...call),
    plan: async (...call) => {
      const plan = await images.plan(...call);
      polls += 1;
      return plan;
    },
  };
  await watchImages(counted, [runtime], {
    everyMs: Number(everyMs),
    signal: ending.signal,
    onImage: () => console.log("ready"),
    onError: (_runtime, error) => console.error(String(error)),
  });
  await images.close();
}

await Promise.all(Array.from({ length: Number(hosts) }, host));
