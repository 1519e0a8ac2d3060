import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "@molecule/testkit/internal";

/** Creates a key and a self-signed certificate, in PEM files. Rejects with `TOOL_MISSING`. */
export async function makeSigningKey(
  directory: string,
): Promise<{ readonly keyFile: string; readonly certificateFile: string }> {
  const openssl = await findProgram("openssl", "openssl");
  const [keyFile, certificateFile] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
  await promisify(execFile)(openssl, [
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=molecule-tokens"],
    ...["-keyout", keyFile, "-out", certificateFile],
  ]);
  return { keyFile, certificateFile };
}
