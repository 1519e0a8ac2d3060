import { expect, test } from "@jest/globals";
import { ImageSourceError, type RegistryCredential, type RegistryCredentials } from "@molecule/core";
import { FinalRefusal, withCredentialsFor } from "./with-credentials-for.js";

const denied = new ImageSourceError({ code: "SOURCE_DENIED", message: "no", hint: "Ask." });

/** Returns other credentials for each lookup. */
function rotating(): RegistryCredentials & { lookUps: number } {
  const credentials = {
    lookUps: 0,
    find: async (): Promise<RegistryCredential> => ({
      username: "u",
      password: `p${String(++credentials.lookUps)}`,
      from: "a test",
    }),
  };
  return credentials;
}

test.each([
  [
    "a refusal is repeated with new credentials, and names them",
    denied,
    2,
    "no (with the credentials of a test)",
  ],
  ["a final refusal is neither repeated nor explained", new FinalRefusal(denied), 1, "no"],
])("%s", async (_what, refusal, expected, message) => {
  const credentials = rotating();
  let runs = 0;
  const work = (): Promise<never> => {
    runs += 1;
    return Promise.reject(refusal);
  };
  await expect(withCredentialsFor("r.example/a/b:c", credentials, {}, work)).rejects.toMatchObject({
    code: "SOURCE_DENIED",
    message,
  });
  expect([runs, credentials.lookUps]).toEqual([expected, expected]);
});
