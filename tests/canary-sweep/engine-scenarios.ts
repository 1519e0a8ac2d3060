import { join } from "node:path";
import { password, userinfo } from "./canaries.js";
import { config, twice, type Scenarios } from "./scenario.js";

const nowhere = "unix:///nonexistent/d.sock";
const registry = (prefix: string) => ({ MOLECULE_IMAGE_REGISTRY: prefix });

/** What the engine, a registry or the machine does; the first one builds the image. */
export const engineScenarios: Scenarios = {
  "a build, a cache hit, and the commands that report them": ({ isolation }) => [
    ...twice(["plan", "hermes"]).map((args) => ({ args, status: 0 })),
    { args: ["ensure", "hermes", "--progress", "plain"], status: 0 },
    { args: ["ensure", "hermes", "--json"], status: 0 },
    { args: ["refresh", "hermes", "--json", "--progress", "json"], status: 0 },
    ...["list", "config", "sources"].flatMap((command) =>
      twice([command]).map((args) => ({ args, status: 0 })),
    ),
    { args: ["run", "hermes", "--rm"], status: 0 },
    { args: ["run", "hermes", "--json", "--name", isolation], status: 0 },
  ],
  "a build that fails": () => twice(["ensure", "codex", "hermes"]).map((args) => ({ args, status: 5 })),
  "an engine that is down": () =>
    twice(["ensure", "hermes"]).map((args) => ({ args, status: 4, env: { DOCKER_HOST: nowhere } })),
  "a registry with a password in its name, and one that is down": ({ other }) => [
    ...[`http://${userinfo}@${other.host}/a`, `${userinfo}@${other.host}`, `canary:${password}@x/a`].flatMap(
      (value) => [
        ...twice(["ensure", "hermes"]).map((args) => ({ args, status: 2, env: registry(value) })),
        ...["config", "sources"].flatMap((command) =>
          twice([command]).map((args) => ({ args, status: 0, env: registry(value) })),
        ),
      ],
    ),
    ...twice(["ensure", "hermes"]).map((args) => ({ args, status: 3, env: registry("127.0.0.1:1/a") })),
  ],
  "a template without a Dockerfile, a machine without git or cache, and a timeout": ({ given }) => [
    ...twice(["ensure", "crewai"]).map((args) => ({ args, status: 5 })),
    ...twice(["refresh", "hermes"]).map((args) => ({ args, status: 4, env: { PATH: given } })),
    ...twice(["refresh", "hermes"]).map((args) => ({
      args,
      status: 4,
      env: { MOLECULE_LOCAL_BUILD_CACHE: join(given, "file") },
    })),
    ...["short.json", "impatient.json"].flatMap((name) =>
      twice(["refresh", "hermes", ...config(given, name)]).map((args) => ({
        args,
        status: 6,
        faults: [["git", { hang: true }] as const],
      })),
    ),
  ],
  "containers that do not start, and one whose name is taken": ({ isolation }) => [
    ...twice(["run", "hermes"]).map((args) => ({
      args: [...args, "--rm", "--log-level", "debug", "--", "/nonexistent"],
      status: 4,
    })),
    {
      args: ["run", "hermes", "--detach", "--name", `${isolation}-busy`, "--", "/bin/sleep", "600"],
      status: 0,
    },
    ...twice(["run", "hermes", "--name", `${isolation}-busy`]).map((args) => ({ args, status: 4 })),
  ],
};
