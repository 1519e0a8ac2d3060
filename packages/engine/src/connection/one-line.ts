export { oneLine } from "@molecule/core";
