import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeAuthority } from "../../packages/test-fixtures/dist/index.js";

/** Creates an authority and the certificate of the hosts in the directory. `files(name)` issues one for a server. */
export async function makeCertificates(directory) {
  const authority = await makeAuthority(directory);
  const files = async (name) => {
    const { key, cert } = await authority.issue(name);
    const paths = { certificate: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) };
    await writeFile(paths.certificate, cert);
    await writeFile(paths.key, key, { mode: 0o600 });
    return paths;
  };
  const client = await files("client");
  return {
    authority: authority.file,
    client,
    clientArgs: [
      `--tlscacert=${authority.file}`,
      `--tlscert=${client.certificate}`,
      `--tlskey=${client.key}`,
    ],
    files,
    server: async (name) => ({ certificate: await authority.issue(name), authority: authority.file }),
  };
}
