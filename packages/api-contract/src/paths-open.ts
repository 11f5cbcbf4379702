/** Public: no credentials. */
import { json, type Members, parameter } from "./json";
import { operation } from "./operations";
import { headers } from "./responses";

const staticHeaders: Members = {
  ...headers(),
  "Cache-Control": {
    description: "Changes only with a deployment.",
    required: true,
    schema: { type: "string", const: "public, max-age=300" },
  },
  ETag: {
    description: "Of these bytes.",
    required: true,
    schema: { type: "string", pattern: '^"[A-Za-z0-9_-]{43}"$' },
  },
};

const keyHeaders: Members = {
  ...headers(),
  "Cache-Control": {
    description: "Changes only with a deployment.",
    required: true,
    schema: { type: "string", const: "public, max-age=300" },
  },
};

export const CLIENT_KEYS: Members = {
  get: operation("get", {
    tag: "About",
    id: "getClientKeys",
    summary: "The public keys of this client",
    description:
      "For the provider: by these it verifies what this API signs as its client (RFC 7517, RFC 7523). Exists only if keys of the stage sign.",
    credentials: [],
    answers: {
      200: { description: "A JWK Set.", headers: keyHeaders, content: json("JwkSet", ["jwks"]) },
    },
    refusals: { 500: "ServerError", 503: "TemporarilyUnavailable" },
  }),
};

export const HEALTH: Members = {
  get: operation("get", {
    tag: "About",
    id: "getHealth",
    summary: "Whether the API answers",
    description: "Calls no other service.",
    credentials: [],
    answers: {
      200: { description: "It does.", headers: headers(), content: json("Health", ["health"]) },
    },
  }),
};

export const DOCUMENT: Members = {
  get: operation("get", {
    tag: "About",
    id: "getContract",
    summary: "This document",
    description: "The same bytes until the next deployment.",
    credentials: [],
    parameters: [parameter("IfNoneMatch")],
    answers: {
      200: {
        description: "An OpenAPI 3.1 document.",
        headers: staticHeaders,
        content: {
          "application/json": {
            schema: {
              type: "object",
              additionalProperties: true,
              required: ["openapi", "paths"],
              properties: {
                openapi: { const: "3.1.0", type: "string" },
                paths: { type: "object" },
              },
            },
          },
        },
      },
      304: { description: "The client's copy is current.", headers: staticHeaders },
    },
  }),
};
