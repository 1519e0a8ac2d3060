// What is checked without running anything: types (tsc -b, in setup), lint, format.
import { pnpm } from "./pnpm.mjs";

pnpm(["exec", "eslint", "."]);
pnpm(["exec", "prettier", "--check", "--log-level=warn", "."]);
