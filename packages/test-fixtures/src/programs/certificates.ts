import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "@molecule/testkit/internal";

/** A certificate with its key, in the form that `node:tls` takes. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** The paths of both, for programs. */
  readonly files: { readonly key: string; readonly cert: string };
}

/** The date from which the certificate is valid. Default: now. */
export type Validity = "now" | "past" | "future";

/** A private certificate authority for TLS tests. */
export interface TestAuthority {
  /** Path of the authority's certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly file: string;
  /** Issues a certificate for a host name or an IPv4 address. */
  issue(host: string, validity?: Validity): Promise<TestCertificate>;
}

const dates: Readonly<Record<Validity, readonly [start: string, end: string]>> = {
  now: ["20200101000000Z", "20991231235959Z"],
  past: ["20200101000000Z", "20210101000000Z"],
  future: ["20980101000000Z", "20991231235959Z"],
};
const newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split(" ");

/** Creates a certificate authority in the directory. Rejects with `TOOL_MISSING` without openssl. */
export async function makeAuthority(directory: string): Promise<TestAuthority> {
  const openssl = await findProgram("openssl", "openssl");
  const run = (...args: readonly string[]): Promise<unknown> => promisify(execFile)(openssl, args);
  const at = (name: string): string => join(directory, name);
  const file = at("authority.pem");
  const configuration = [
    ...["[ca]", "default_ca = own", "[own]", `database = ${at("index")}`, `new_certs_dir = ${directory}`],
    ...["rand_serial = yes", "default_md = sha256", "policy = any", "unique_subject = no"],
    ...["[any]", "commonName = supplied"],
  ].join("\n");
  await writeFile(at("ca.cnf"), configuration);
  await writeFile(at("index"), "");
  const own = ["-subj", "/CN=authority of a test", "-keyout", at("authority.key"), "-out", file];
  await run("req", "-x509", ...newKey, "-days", "2", ...own);

  let issued = 0;
  return {
    file,
    async issue(host, validity = "now") {
      const name = at(String(issued++));
      const [start, end] = dates[validity];
      const alternative = /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`;
      await writeFile(`${name}.ext`, `subjectAltName = ${alternative}\n`);
      await run("req", ...newKey, "-subj", `/CN=${host}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
      await run(
        ...[
          "ca",
          "-batch",
          "-notext",
          "-config",
          at("ca.cnf"),
          "-cert",
          file,
          "-keyfile",
          at("authority.key"),
        ],
        ...["-in", `${name}.csr`, "-out", `${name}.pem`, "-extfile", `${name}.ext`],
        ...["-startdate", start, "-enddate", end],
      );
      const files = { key: `${name}.key`, cert: `${name}.pem` };
      return { key: await readFile(files.key, "utf8"), cert: await readFile(files.cert, "utf8"), files };
    },
  };
}
