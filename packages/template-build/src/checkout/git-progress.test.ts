import { expect, test } from "@jest/globals";
import { silentReport } from "@molecule/core";
import { gitProgress } from "./git-progress.js";

test("reports every counter as an amount, the server's too, and other text as lines", () => {
  const reported: unknown[] = [];
  const take = gitProgress({
    ...silentReport,
    output: (line) => reported.push(line),
    amount: (done, total) => reported.push([done, total]),
  });
  const stderr = [
    "remote: Enumerating objects: 16, done.        \n",
    "remote: Compressing objects:  12% (2/16)        \r",
    "remote: Compressing objects: 100% (16/16), done.        \n",
    "remote: Total 16 (delta 0), reused 0 (delta 0), pack-reused 0        \n",
    "Receiving objects:  37% (6/16), 410.00 MiB | 12.00 MiB/s\r",
    "Updating files: 100% (16/16), done.\n",
    "warning: something else\n",
  ].join("");
  // Split at arbitrary positions.
  for (let at = 0; at < stderr.length; at += 7) take(Buffer.from(stderr.slice(at, at + 7)));

  expect(reported).toEqual([
    [16, undefined],
    [2, 16],
    [16, 16],
    "remote: Total 16 (delta 0), reused 0 (delta 0), pack-reused 0",
    [6, 16],
    [16, 16],
    "warning: something else",
  ]);
});
