/** What has changed at a provider since a stage was written. Pure. */
import { clientAuthenticationOf, listedMethodOf } from "../../lambda/client-authentication";
import type { IdpSettings } from "../../lambda/env";
import { DEFAULT_ROTATION, ID_TOKEN_ALGS } from "../../lambda/facts";
import type { Discovery, FoundKey } from "./discovery";
import { kindOf } from "./limits-of-provider";
import type { RecordedProvider } from "./recorded";

export interface Difference {
  /** Users are or will be refused, or data stays at the provider that should not. */
  readonly breaks: boolean;
  readonly what: string;
  readonly todo: string;
}

export interface Compared {
  /** What the stage resolves to. */
  readonly settings: IdpSettings;
  /** Undefined where nothing is recorded for the stage's issuer. */
  readonly recorded: RecordedProvider | undefined;
  readonly found: Discovery;
}

const RECORD = "run rollup-vault provider with --write, review the change, deploy";
const ENDPOINTS = ["jwksUri", "tokenEndpoint", "userinfoEndpoint", "revocationEndpoint"] as const;

/** In the order of what to look at first; empty: nothing to say. */
export function compareProvider(compared: Compared): readonly Difference[] {
  const all = [
    ...endpointDifferences(compared),
    ...algorithmDifferences(compared),
    ...keyDifferences(compared),
    ...clientDifferences(compared),
    ...unknowable(compared),
  ];
  return [...all.filter(({ breaks }) => breaks), ...all.filter(({ breaks }) => !breaks)];
}

function breaking(what: string, todo: string): Difference {
  return { breaks: true, what, todo };
}

function note(what: string, todo: string): Difference {
  return { breaks: false, what, todo };
}

function endpointDifferences({ settings, recorded, found }: Compared): readonly Difference[] {
  const compared = ENDPOINTS.flatMap((name) => {
    const ours = settings[name];
    const theirs = found[name];
    if (ours === theirs) {
      return [];
    }
    if (ours === undefined) {
      return [note(`${name} is ${String(theirs)}, and the stage has none`, RECORD)];
    }
    return theirs === undefined
      ? [note(`${name} is no longer named by the provider`, `see whether ${ours} still answers`)]
      : [breaking(`${name} has moved to ${theirs}`, RECORD)];
  });
  const moved =
    recorded !== undefined && recorded.authorizationEndpoint !== found.authorizationEndpoint
      ? [
          breaking(
            `authorizationEndpoint has moved to ${found.authorizationEndpoint}`,
            `change it in the frontend; ${RECORD}`,
          ),
        ]
      : [];
  return [...compared, ...moved];
}

function algorithmDifferences({ settings, found }: Compared): readonly Difference[] {
  const { idTokenAlgs: listed } = found;
  const ours = settings.idTokenSigningAlgs;
  if (listed === undefined) {
    return [note("the provider no longer lists algorithms of ID tokens", "nothing: keys decide")];
  }
  const gone = ours.filter((alg) => !listed.includes(alg));
  const more = ID_TOKEN_ALGS.filter((alg) => listed.includes(alg) && !ours.includes(alg));
  const words = `${gone.join(", ")} is no longer listed for ID tokens`;
  return [
    ...(gone.length === ours.length ? [breaking(words, RECORD)] : []),
    ...(gone.length > 0 && gone.length < ours.length
      ? [note(words, "take it out of idTokenSigningAlgs")]
      : []),
    ...(more.length > 0
      ? [
          note(
            `${more.join(", ")} is listed for ID tokens, and the stage does not take it`,
            "nothing, unless the provider is to sign with it: then add it to idTokenSigningAlgs",
          ),
        ]
      : []),
  ];
}

/** A key that no algorithm of the stage fits signs tokens that are refused. */
function keyDifferences({ settings, found }: Compared): readonly Difference[] {
  const ours = settings.idTokenSigningAlgs;
  const signing = found.keys.filter(({ isForSigning }) => isForSigning);
  const fits = ({ usableFor }: FoundKey) => usableFor.some((alg) => ours.includes(alg));
  const isNew = ({ usableFor }: FoundKey) =>
    usableFor.some((alg) => !ours.includes(alg) && found.idTokenAlgs?.includes(alg) !== false);
  const kinds = (keys: readonly FoundKey[]) => [...new Set(keys.map(kindOf))];
  return [
    ...(signing.some(fits)
      ? []
      : [breaking(`the key set has no usable key for ${ours.join(", ")}`, RECORD)]),
    ...kinds(signing.filter((key) => !fits(key) && isNew(key))).map((kind) =>
      breaking(
        `the key set has a key that the stage does not take: ${kind}`,
        "add its algorithm to idTokenSigningAlgs, before the provider signs with it",
      ),
    ),
    ...kinds(signing.filter(({ usableFor }) => usableFor.length === 0)).map((kind) =>
      note(
        `the key set has a key that cannot be used here: ${kind}`,
        "see that ID tokens for this client are not signed with it",
      ),
    ),
  ];
}

function clientDifferences({ settings, found }: Compared): readonly Difference[] {
  const { clientAuthentications, grantTypes, responseTypes, challengeMethods } = found;
  const method = listedMethodOf(clientAuthenticationOf(settings));
  const gone = [
    {
      is: clientAuthentications?.includes(method) === false,
      what: `${method} is no longer listed at the token endpoint`,
      todo: RECORD,
    },
    {
      is: grantTypes?.includes("refresh_token") === false,
      what: "the grant type refresh_token is no longer listed",
      todo: "ask the provider: without it no access token is renewed",
    },
    {
      is: responseTypes?.includes("code") === false,
      what: "the response type code is no longer listed",
      todo: "ask the provider: without it nobody can sign in",
    },
    {
      is: found.requiresPushedRequests,
      what: "authorization requests must be pushed (RFC 9126)",
      todo: "switch that off for this client: the client package cannot do it",
    },
  ].filter(({ is }) => is);
  return [
    ...gone.map(({ what, todo }) => breaking(what, todo)),
    ...(challengeMethods?.includes("S256") === false && settings.profile === "oidc"
      ? [note("PKCE with S256 is not listed", "take pkce out of the frontend, if it is refused")]
      : []),
  ];
}

function unknowable({ settings }: Compared): readonly Difference[] {
  const { profile, refreshTokenRotation = DEFAULT_ROTATION } = settings;
  return profile === "rollup"
    ? []
    : [
        note(
          `how refresh tokens rotate is in no document; the stage says ${refreshTokenRotation}`,
          "compare it with this client's settings at the provider",
        ),
      ];
}
