/** For anybody. */
import { json, type Members, parameter } from "./json";
import { operation } from "./operations";
import { headers } from "./responses";

const staticHeaders: Members = {
  ...headers(),
  "Cache-Control": {
    description: "It changes with a deployment only.",
    required: true,
    schema: { type: "string", const: "public, max-age=300" },
  },
  ETag: {
    description: "Of these very bytes.",
    required: true,
    schema: { type: "string", pattern: '^"[A-Za-z0-9_-]{43}"$' },
  },
};

export const HEALTH: Members = {
  get: operation("get", {
    tag: "About",
    id: "getHealth",
    summary: "Whether the API answers",
    description: "Reaches nothing else.",
    proofs: [],
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
    proofs: [],
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
      304: { description: "The copy that is there is still good.", headers: staticHeaders },
    },
  }),
};
