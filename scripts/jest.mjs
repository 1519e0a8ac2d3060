// Runs jest with ES modules. Arguments are passed on.
import { pnpm } from "./pnpm.mjs";

const NODE_OPTIONS = [
  process.env.NODE_OPTIONS,
  "--experimental-vm-modules",
  "--disable-warning=ExperimentalWarning",
]
  .filter(Boolean)
  .join(" ");
pnpm(["exec", "jest", ...process.argv.slice(2)], { env: { ...process.env, NODE_OPTIONS } });
