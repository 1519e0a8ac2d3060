// Runs all checks except tests: types (tsc -b, in setup), lint, format, generated files.
import { join } from "node:path";
import { node, pnpm, root } from "./pnpm.mjs";

pnpm(["exec", "eslint", "."]);
pnpm(["exec", "prettier", "--check", "--log-level=warn", "."]);
for (const script of ["documents.mjs", "api-report.mjs"]) node([join(root, "scripts", script), "--check"]);
