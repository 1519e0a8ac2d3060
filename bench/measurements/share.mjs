// Thirty hosts on three engines share their builds and request a new commit at nearly the same time. None finds a lock
// of another: each has its own home, cache and local tags. Ten hosts use one engine, so they share its build cache.
import { spread } from "../compare.mjs";
import { openSharingHosts } from "../open-sharing-hosts.mjs";

const hosts = 30;
const engines = 3;
const within = { "1 s": 1000, "10 s": 10_000, "60 s": 60_000 };
const builders = { "classic builder": false, BuildKit: true };

const middle = (rounds, of) => spread(rounds.map(of)).median;
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

function note(name, rounds) {
  const of = (key) => middle(rounds, (round) => round[key]);
  return [
    `${name}: the last step ran ${of("executions")} times, ${of("pushes")} pushes, ${of("pulls")} pulls`,
    `${of("megabytesPushed").toFixed(0)} MB sent to the registry and ${of("megabytesPulled").toFixed(0)} MB from it`,
    `the first image after ${seconds(of("firstMs"))}, the last after ${seconds(of("lastMs"))}`,
  ].join("; ");
}

export const share = {
  name: "share",
  title: `Builds by ${hosts} hosts that share them, on ${engines} engines: a step of 8 s that writes 20 MB`,
  when: "full",
  unit: "builds",
  rounds: 1,
  ours: Object.keys(builders).flatMap((builder) => Object.keys(within).map((time) => `${builder}, ${time}`)),
  targets: [],
  async results(stage, rounds) {
    const [results, notes] = [[], []];
    for (const [builder, offersBuildkit] of Object.entries(builders)) {
      const { next, close } = await openSharingHosts(stage, { hosts, engines, offersBuildkit });
      try {
        for (const [time, overMs] of Object.entries(within)) {
          const name = `${builder}, ${time}`;
          const outcomes = [];
          while (outcomes.length < rounds) outcomes.push(await next("slow-step", overMs));
          const samples = outcomes.map(({ builds }) => builds);
          results.push({ name, samples, ...spread(samples) });
          notes.push(note(name, outcomes));
        }
      } finally {
        await close();
      }
    }
    return Object.assign(results, { notes });
  },
};
