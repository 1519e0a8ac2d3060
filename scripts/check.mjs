// What is checked without running anything: types (tsc -b, in setup), lint, format, what is made from the code.
import { join } from "node:path";
import { node, pnpm, root } from "./pnpm.mjs";

pnpm(["exec", "eslint", "."]);
pnpm(["exec", "prettier", "--check", "--log-level=warn", "."]);
for (const script of ["documents.mjs", "api-report.mjs"]) node([join(root, "scripts", script), "--check"]);
