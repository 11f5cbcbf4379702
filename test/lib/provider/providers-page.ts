/** docs/providers.md, from the presets and from runs beside real providers. */
import { type Preset, PRESET_NAMES, type PresetName } from "../../../lib/provider/preset";
import { fillTemplate, matchIssuer, presetOf } from "../../../lib/provider/resolve";
import { matrix, MATRIX_TITLE } from "../../providers/matrix";
import { readResults } from "../../providers/results";

const INTRO = `<!-- Written by npm run docs:providers from lib/provider/presets/ and docs/providers/. -->

# Providers

Any OpenID provider can sign people in here; Rollup ID is the one that a stage has when it comes. A
stage names its provider in two to four lines:

\`\`\`ts
idp: { preset: "auth0", issuer: "https://your-tenant.eu.auth0.com/", clientId: "…" },
\`\`\`

Without \`preset\` it is \`oidc\`: what the RFCs say. Any other setting of \`IdpSettings\`
(\`lambda/env.ts\`) can stand beside these and wins over the preset. With \`profile\` instead of
\`preset\` the block is deployed as it stands, with nothing added.

Endpoints come from the stage, else from \`lib/stages/providers.json\`, which
\`npx rollup-vault provider <issuer> --write\` writes from what the provider says of itself, else from
the preset. Nothing is asked at synthesis or in a function: the template has every resolved value
(output \`IdpSettings\`), for review
([decision 0038](decisions/0038-presets-and-recorded-discovery.md)).

Each section says where its facts come from. The pages were read in stored copies on the given days,
not at the providers; what nobody could establish is listed as such. Default tokens and token answers
of each provider, made after these pages, go through the verifier in
\`test/lambda/idp/default-tokens.test.ts\`.
`;

const RUN_FIRST =
  "Run `npx rollup-vault provider <issuer> --write` first: its endpoints do not follow from the issuer.";

const HABITS: Readonly<Record<keyof Preset["habits"], string>> = {
  idTokenLifetimeSeconds: "ID tokens live for",
  clock: "Times",
  accessToken: "Access tokens are",
  toldApart: "What keeps them from passing as ID tokens",
  subject: "Subject",
  audience: "Audience",
  rotation: "Rotation",
  idleLapse: "Unused refresh tokens lapse",
  clientAuthentication: "Client authentication",
  deadGrant: "A dead refresh token",
  refreshBrings: "A refresh brings",
  revocation: "Revocation",
  userinfo: "Userinfo",
  endOfSession: "End of session",
};

export function providersPage(): string {
  const titles = [MATRIX_TITLE, ...PRESET_NAMES.map((name) => presetOf(name).title)];
  const links = titles.map((title) => `- [${title}](#${anchorOf(title)})`);
  const runs = `\n${matrix(readResults())}`;
  return `${[INTRO, links.join("\n"), runs, ...PRESET_NAMES.map(section)].join("\n")}\n`;
}

function section(name: PresetName): string {
  const preset = presetOf(name);
  const blocks = [
    `## ${preset.title}`,
    "At the provider:",
    list(preset.setup),
    "In the stage:",
    code(stageBlock(preset)),
    ...(preset.endpoints?.tokenEndpoint === undefined ? [RUN_FIRST] : []),
    `This makes ${settingsOf(preset)}.`,
    "In the frontend:",
    code(frontendBlock(preset)),
    "Habits:",
    list(habitsOf(preset)),
    "Scopes:",
    list(Object.entries(preset.scopes).map(([scope, opens]) => `\`${scope}\`: ${opens}`)),
    "What this product cannot do with it:",
    list(preset.cannot),
    "Not established:",
    list(preset.unknown),
    "Sources:",
    list(preset.sources.map(sourceLine)),
  ];
  return `\n${blocks.join("\n\n")}`;
}

function stageBlock({ name, issuer, needs }: Preset): string {
  const audiences = needs?.trustedAudiences?.example.map((one) => JSON.stringify(one)).join(", ");
  const signing = needs?.clientSigning?.example;
  const lines = [
    ...(name === "oidc" ? [] : [`preset: "${name}"`]),
    `issuer: "${issuer.example}"`,
    'clientId: "…"',
    ...(audiences === undefined ? [] : [`trustedAudiences: [${audiences}]`]),
    ...(signing === undefined
      ? []
      : [
          `clientSigning: { teamId: "${signing.teamId ?? ""}", keys: ["${signing.keys?.[0] ?? ""}"] }`,
        ]),
  ];
  return braced("idp: {", lines, "},");
}

function frontendBlock(preset: Preset): string {
  const { scopes, parameters, pkce = true, nonce = true } = preset.authorization;
  const { example } = preset.issuer;
  const endpoint =
    preset.authorizationEndpoint === undefined
      ? "…"
      : fillTemplate(preset.authorizationEndpoint, example, matchIssuer(preset, example));
  const provider = braced(
    "provider: {",
    [
      'clientId: "…"',
      'redirectUri: "…"',
      `authorizationEndpoint: "${endpoint}"`,
      `scope: "${scopes.join(" ")}"`,
      ...(pkce ? ["pkce: true"] : []),
      ...(nonce ? ["nonce: true"] : []),
    ],
    "},",
  );
  const extras = Object.entries(parameters).map(([key, value]) => `${key}: "${value}"`);
  return extras.length === 0
    ? provider
    : `${provider}\n// at sign-in\nsignIn({ parameters: { ${extras.join(", ")} } });`;
}

function settingsOf({ settings }: Preset): string {
  return Object.entries(settings)
    .map(([key, value]) => `\`${key}: ${JSON.stringify(value)}\``)
    .join(", ");
}

function habitsOf({ habits }: Preset): readonly string[] {
  return Object.entries(HABITS).map(([key, label]) => {
    const value = habits[key as keyof typeof habits];
    return `${label}: ${typeof value === "number" ? `${value.toLocaleString("en")} seconds` : value}`;
  });
}

function sourceLine({ url, says, read }: Preset["sources"][number]): string {
  return `[${new URL(url).host}](${url}) (${read}): ${says}`;
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function code(text: string): string {
  return `\`\`\`ts\n${text}\n\`\`\``;
}

function braced(start: string, lines: readonly string[], end: string): string {
  return [start, ...lines.map((line) => `  ${line},`), end].join("\n");
}
