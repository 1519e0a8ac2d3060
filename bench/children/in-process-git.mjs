// A cache hit with `forge: git` in a long-running process, compared with the least that finds it out. Prints JSON.
import { createImageProvider } from "@molecule/host";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import { compare } from "../compare.mjs";
import { createInspection, lsRemote } from "./git-and-engine.mjs";

const [, , runtime, url, rounds] = process.argv;
const settings = { options: { "gitea-local-build": { forge: "git" } } };
const images = await createImageProvider({
  cwd: "/",
  env: process.env,
  config: false,
  settings,
  plugins: [giteaLocalBuild],
});
const { reference } = await images.ensure(runtime);
const inspection = createInspection(process.env.DOCKER_HOST.slice("unix://".length), reference);
const contenders = [
  {
    name: "git ls-remote and one inspection",
    run: async () => void (await lsRemote(url), await inspection.run()),
  },
  { name: "images.ensure()", run: async () => void (await images.ensure(runtime)) },
];
const signal = new AbortController().signal;
// Lets V8 compile all of it before anything is measured.
await compare(contenders, { rounds: 5, signal });
console.log(JSON.stringify(await compare(contenders, { rounds: Number(rounds), signal })));
await images.close();
inspection.close();
