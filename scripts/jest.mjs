// Runs jest with ES modules and these arguments. With MOLECULE_TEST_ENGINES=a,b, runs the tests of these engines instead.
import { pnpm } from "./pnpm.mjs";

if (process.env.MOLECULE_TEST_ENGINES) {
  const { runMatrix } = await import("./engines/matrix.mjs");
  process.exit(await runMatrix(process.env.MOLECULE_TEST_ENGINES, process.argv.slice(2)));
}

const NODE_OPTIONS = [
  process.env.NODE_OPTIONS,
  "--experimental-vm-modules",
  "--disable-warning=ExperimentalWarning",
]
  .filter(Boolean)
  .join(" ");
pnpm(["exec", "jest", ...process.argv.slice(2)], { env: { ...process.env, NODE_OPTIONS } });
