const core = new URL("../../packages/core/dist/index.js", import.meta.url).href;

/**
 * A source, as the text of its module, that reports the value of `SAID` in every possible way, and then fails
 * with the code in `CODE`.
 */
export const talkativePlugin = `
import { ImageSourceError } from ${JSON.stringify(core)};
const { SAID: said = "", CODE: code } = process.env;
const resolve = async (_runtime, { log, progress }) => {
  log.warn(said, { said, [said]: { deep: [said] }, error: new Error(said, { cause: said }) });
  await progress.step("build", said, async ({ output, quiet }) => {
    output(said);
    // In pieces, as a stream may have them.
    for (let at = 0; at < said.length; at += 11) output(said.slice(at, at + 11));
    quiet(said);
  });
  const cause = Object.assign(new Error(said, { cause: new Error(said) }), { headers: { authorization: said } });
  if (code === "INTERNAL") throw cause;
  throw new ImageSourceError({ code, message: said, hint: said, output: said + "\\n" + said, cause });
};
export default {
  name: "talkative",
  apiVersion: 1,
  modes: ["local"],
  create: () => ({ name: "talkative", resolve, find: () => undefined, provide: () => undefined }),
};
`;
