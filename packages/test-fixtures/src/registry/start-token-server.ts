import { randomUUID, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import {
  respond,
  seenRequest,
  startHttpServer,
  temporaryDirectory,
  type SeenRequest,
} from "@molecule/testkit/internal";
import { makeSigningKey } from "./signing-key.js";

/** Options of the token server. */
export interface TokenServerOptions {
  /** How long a token is valid; registries add a minute of their own. Default: 300. */
  readonly lifeSeconds?: number;
}

/** Issues the tokens that a registry requires, as the distribution specification defines them. */
export interface TokenServer {
  /** What `startRegistry` needs to know about it. */
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** The certificates for its signatures: a PEM file. */
  readonly certificates: string;
  /** Accepts the user with this password, and no longer with an earlier one. */
  setPassword(user: string, password: string): void;
  /** Accepts this token instead of a password. */
  setIdentityToken(token: string): void;
  /** The requests so far. */
  readonly requests: readonly SeenRequest[];
  stop(): Promise<void>;
}

/** Starts a token server on 127.0.0.1. It accepts no credentials yet. Rejects with `TOOL_MISSING` without openssl. */
export async function startTokenServer({ lifeSeconds = 300 }: TokenServerOptions = {}): Promise<TokenServer> {
  const directory = await temporaryDirectory();
  const { keyFile, certificateFile } = await makeSigningKey(directory.path);
  const [key, certificate] = await Promise.all([readFile(keyFile), readFile(certificateFile, "utf8")]);
  const names = { service: "molecule-registry", issuer: "molecule-tokens" };
  const passwords = new Map<string, string>();
  const identityTokens = new Set<string>();
  const requests: SeenRequest[] = [];

  async function userOf(request: IncomingMessage, form: URLSearchParams): Promise<string | undefined> {
    if (form.get("grant_type") === "refresh_token")
      return identityTokens.has(form.get("refresh_token") ?? "") ? "somebody" : undefined;
    const [, basic = ""] = /^Basic (.*)$/.exec(request.headers.authorization ?? "") ?? [];
    const [user = "", password] = Buffer.from(basic, "base64").toString("utf8").split(/:(.*)/s);
    return password !== undefined && passwords.get(user) === password ? user : undefined;
  }

  function tokenFor(user: string, scopes: readonly string[]): string {
    const now = Math.floor(Date.now() / 1000);
    const x5c = [certificate.replaceAll(/-----[^-]+-----|\s/g, "")];
    const claims = {
      iss: names.issuer,
      sub: user,
      aud: names.service,
      nbf: now - 10,
      iat: now,
      exp: now + lifeSeconds,
      jti: randomUUID(),
      access: scopes.map(accessOf),
    };
    const signed = [{ typ: "JWT", alg: "RS256", x5c }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key).toString("base64url")}`;
  }

  const server = await startHttpServer((request, response) => {
    void (async () => {
      requests.push(seenRequest(request));
      const form = new URLSearchParams(request.method === "POST" ? await text(request) : "");
      const query = new URL(request.url ?? "", "http://tokens").searchParams;
      const user = await userOf(request, form);
      const scopes = [...query.getAll("scope"), ...form.getAll("scope")];
      const json = { "content-type": "application/json" };
      if (user === undefined) {
        respond(response, 401, json, JSON.stringify({ details: "incorrect username or password" }));
        return;
      }
      const token = tokenFor(user, scopes);
      respond(response, 200, json, JSON.stringify({ token, access_token: token, expires_in: lifeSeconds }));
    })();
  });
  return {
    ...names,
    realm: `http://127.0.0.1:${String(server.port)}/token`,
    certificates: certificateFile,
    setPassword: (user, password) => void passwords.set(user, password),
    setIdentityToken: (token) => void identityTokens.add(token),
    requests,
    stop: async () => {
      await server.stop();
      await directory.remove();
    },
  };
}

/** `repository:org/name:pull,push` */
function accessOf(scope: string): object {
  const [type = "", ...rest] = scope.split(":");
  const actions = rest.at(-1) ?? "";
  return { type, name: rest.slice(0, -1).join(":"), actions: actions.split(",") };
}
