// Runs jest with ES modules. Arguments are passed on. MOLECULE_TEST_ENGINES=a,b runs the tests of these engines instead.
import { runMatrix } from "./engines/matrix.mjs";
import { pnpm } from "./pnpm.mjs";

const engines = process.env.MOLECULE_TEST_ENGINES;
if (engines)
  process.exit(
    await runMatrix(
      engines.split(",").map((name) => name.trim()),
      process.argv.slice(2),
    ),
  );

const NODE_OPTIONS = [
  process.env.NODE_OPTIONS,
  "--experimental-vm-modules",
  "--disable-warning=ExperimentalWarning",
]
  .filter(Boolean)
  .join(" ");
pnpm(["exec", "jest", ...process.argv.slice(2)], { env: { ...process.env, NODE_OPTIONS } });
