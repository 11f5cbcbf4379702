/** How an operation is called, ready to be pasted. */
import { nameOf, type Operation, type Parameter } from "./contract";

/** Where a value has to be put in. */
const PLACES: Readonly<Record<string, string>> = { id: "SESSION_ID" };

const needed = ({ parameters }: Operation) => parameters.filter(({ required }) => required);

function urlOf(operation: Operation, apiUrl: string): string {
  const path = needed(operation).reduce(
    (text, { name }) => text.replace(`{${name}}`, PLACES[name] ?? name.toUpperCase()),
    operation.path,
  );
  return apiUrl + path;
}

export type Credential = "session" | "ID token" | "AWS" | "none";

/** The first that the operation takes; a session is what an app has most of the time. */
export function credentialOf({ security }: Pick<Operation, "security">): Credential {
  return security.includes("session")
    ? "session"
    : security.includes("idToken")
      ? "ID token"
      : security.includes("sigV4")
        ? "AWS"
        : "none";
}

const SHELL_NAME: Partial<Record<Credential, string>> = {
  session: "SESSION",
  "ID token": "ID_TOKEN",
};

export function curlOf(operation: Operation, apiUrl: string): string {
  const { method, body } = operation;
  const credential = credentialOf(operation);
  const name = SHELL_NAME[credential];
  const parts = [
    `curl ${method === "GET" ? "" : `-X ${method} `}'${urlOf(operation, apiUrl)}'`,
    ...(name === undefined ? [] : [`-H "authorization: Bearer $${name}"`]),
    ...(credential === "AWS"
      ? [
          '--aws-sigv4 "aws:amz:$AWS_REGION:execute-api"',
          '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
          '-H "x-amz-security-token: $AWS_SESSION_TOKEN"',
        ]
      : []),
    ...(body === undefined
      ? []
      : ["-H 'content-type: application/json'", `-d '${quoted(JSON.stringify(body.example))}'`]),
  ];
  return parts.join(" \\\n  ");
}

/** Within single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}

const TS_NAME: Partial<Record<Credential, string>> = { session: "session", "ID token": "idToken" };

export function typescriptOf(operation: Operation, apiUrl: string): string {
  const { method, body, answers } = operation;
  const credential = credentialOf(operation);
  const name = TS_NAME[credential];
  const headers = [
    ...(name === undefined ? [] : [`authorization: \`Bearer \${${name}}\``]),
    ...(body === undefined ? [] : ['"content-type": "application/json"']),
  ];
  const options = [
    ...(method === "GET" ? [] : [`  method: "${method}",`]),
    ...(headers.length === 0 ? [] : [`  headers: { ${headers.join(", ")} },`]),
    ...(body === undefined ? [] : [`  body: JSON.stringify(${objectText(body.example)}),`]),
  ];
  const answer = nameOf(answers.find(({ status }) => status.startsWith("2"))?.schema);
  const send = credential === "AWS" ? "aws.fetch" : "fetch";
  return [
    ...(answer === undefined
      ? []
      : ['import type { components } from "rollup-vault-client/api-types";']),
    ...(credential === "AWS" ? AWS_LINES : []),
    ...(answer === undefined && credential !== "AWS" ? [] : [""]),
    options.length === 0
      ? `const response = await ${send}("${urlOf(operation, apiUrl)}");`
      : `const response = await ${send}("${urlOf(operation, apiUrl)}", {\n${options.join("\n")}\n});`,
    ...(answer === undefined
      ? []
      : [`const answer = (await response.json()) as components["schemas"]["${answer}"];`]),
  ].join("\n");
}

const AWS_LINES = [
  'import { AwsClient } from "aws4fetch";',
  "",
  'const aws = new AwsClient({ ...credentials, service: "execute-api" });',
];

function objectText(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2).replaceAll(/^(\s*)"([A-Za-z_]\w*)":/gm, "$1$2:");
  return text.replaceAll("\n", "\n  ");
}

/** Of the query and the headers: those that may be filled in. */
export function fieldsOf({ parameters }: Operation): readonly Parameter[] {
  return parameters.filter(({ name }) => name !== "x-rollup-vault");
}
