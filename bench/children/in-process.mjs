// A cache hit in a long-running process, compared with the minimal requests. Prints JSON with samples.
import { Agent, request } from "node:http";
import { createImageProvider } from "@molecule/host";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import nodeFetch from "node-fetch";
import { compare } from "../compare.mjs";

const [, , runtime, url, rounds, concurrency] = process.argv;
const socketPath = process.env.DOCKER_HOST.slice("unix://".length);
const images = await createImageProvider({ cwd: "/", env: process.env, plugins: [giteaLocalBuild] });
const { reference } = await images.ensure(runtime);

const toForge = new Agent({ keepAlive: true });
const toEngine = new Agent({ keepAlive: true });
function get(options) {
  return new Promise((resolve, reject) => {
    request(options, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => (body += text));
      response.on("end", () =>
        response.statusCode === 200 ? resolve(JSON.parse(body)) : reject(new Error(body)),
      );
    })
      .on("error", reject)
      .end();
  });
}
const { hostname, port, pathname } = new URL(url);
const inspection = () => get({ agent: toEngine, socketPath, path: `/images/${reference}/json` });
const floor = {
  name: "one HTTP request and one inspection",
  async run() {
    await get({ agent: toForge, hostname, port, path: pathname });
    await inspection();
  },
};
// The cost of node-fetch alone, without our limits and checks.
const withLibrary = {
  name: "the same, the request by node-fetch",
  async run() {
    await (await nodeFetch(url, { agent: toForge })).json();
    await inspection();
  },
};
const hit = { name: "images.ensure()", run: async () => void (await images.ensure(runtime)) };
const crowd = {
  name: `${concurrency} concurrent images.ensure()`,
  run: async () =>
    void (await Promise.all(Array.from({ length: Number(concurrency) }, () => images.ensure(runtime)))),
};
const signal = new AbortController().signal;
// Lets V8 compile all of it before anything is measured.
await compare([floor, hit], { rounds: 100, signal });
const contenders = Number(concurrency) > 1 ? [hit, crowd] : [floor, withLibrary, hit];
console.log(JSON.stringify(await compare(contenders, { rounds: Number(rounds), signal })));
await images.close();
toForge.destroy();
toEngine.destroy();
