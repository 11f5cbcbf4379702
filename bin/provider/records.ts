import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as babel from "prettier/plugins/babel";
import * as estree from "prettier/plugins/estree";
import { format } from "prettier/standalone";
import type { RecordedProvider, RecordedProviders } from "../../lib/provider/recorded";
import type { Records } from "./desk";

/** The file is committed, so the same facts give the same bytes, as prettier writes them. */
export function createRecords(file: string): Records {
  return {
    read: () => JSON.parse(readFileSync(file, "utf8")) as RecordedProviders,
    async write(providers) {
      const issuers = Object.keys(providers).sort();
      const sorted = issuers.map((issuer) => [issuer, inOrder(providers[issuer])]);
      const json = JSON.stringify(Object.fromEntries(sorted), null, 2);
      const text = await format(json, {
        parser: "json",
        printWidth: 100,
        plugins: [babel, estree],
      });
      const draft = `${file}.${String(process.pid)}`;
      try {
        writeFileSync(draft, text);
        renameSync(draft, file);
      } finally {
        rmSync(draft, { force: true });
      }
    },
  };
}

function inOrder(provider: RecordedProvider | undefined): RecordedProvider | undefined {
  if (provider === undefined) {
    return undefined;
  }
  const { read, settings, authorizationEndpoint, endSessionEndpoint } = provider;
  const { jwksUri, tokenEndpoint, userinfoEndpoint, revocationEndpoint } = settings;
  const { idTokenSigningAlgs, clientAuthentication } = settings;
  return {
    read,
    settings: {
      jwksUri,
      tokenEndpoint,
      userinfoEndpoint,
      revocationEndpoint,
      idTokenSigningAlgs,
      clientAuthentication,
    },
    authorizationEndpoint,
    endSessionEndpoint,
  };
}
