/** The smoke suite against what is deployed, with a person and a role of its own. */
import { CHECKS } from "../../bin/smoke/checks";
import { runSmoke } from "../../bin/smoke/main";
import type { Result } from "../../bin/smoke/run-checks";
import { ACCOUNT } from "./engine";
import type { World } from "./world";

type Red = Pick<Result, "name" | "outcome" | "why">;

/** @returns the checks that did not pass, with what they say */
export async function smoke(world: World): Promise<readonly Red[]> {
  const person = `Smoke ${String(Date.now())}`;
  const { idToken, refreshToken } = await world.signIn(person);
  const out: string[] = [];
  const said: string[] = [];
  const args = ["--outputs", world.outputsFile, "--api-url", world.apiUrl(), "--service", "--json"];
  await runSmoke(args, {
    write: (text) => out.push(text),
    fail: (text) => said.push(text),
    read: async () => await Promise.resolve(""),
    ask: undefined,
    env: {
      SMOKE_ID_TOKEN: idToken,
      SMOKE_REFRESH_TOKEN: refreshToken,
      SMOKE_FOREIGN_ID_TOKEN: await foreignToken(world),
      ...(await roleCredentials(world)),
    },
    again: async () => await world.signIn(person),
  });
  if (out.length === 0) {
    throw new Error(`the smoke suite reports nothing:\n${said.join("")}`);
  }
  const { checks } = JSON.parse(out.join("")) as { readonly checks: readonly Result[] };
  expect(checks).toHaveLength(CHECKS.length);
  return checks
    .filter(({ outcome }) => outcome !== "passed")
    .map(({ name, outcome, why }) => ({ name, outcome, why }));
}

async function foreignToken({ provider }: World): Promise<string> {
  const response = await fetch(`${provider.issuer}/foreign-id-token?user=x`);
  return ((await response.json()) as { readonly id_token: string }).id_token;
}

/** Of the stage's listed role. */
export async function roleCredentials({ engine }: World): Promise<Record<string, string>> {
  const { Credentials: credentials } = await engine.aws(
    ...["sts", "assume-role", "--role-arn", `arn:aws:iam::${ACCOUNT}:role/Backend`],
    ...["--role-session-name", "smoke"],
  );
  const { AccessKeyId, SecretAccessKey, SessionToken } = credentials as Record<string, string>;
  return {
    AWS_ACCESS_KEY_ID: AccessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: SecretAccessKey ?? "",
    AWS_SESSION_TOKEN: SessionToken ?? "",
  };
}

export async function makeRole({ engine }: World): Promise<void> {
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
  };
  await engine.aws(
    ...["iam", "create-role", "--role-name", "Backend"],
    ...["--assume-role-policy-document", JSON.stringify(trust)],
  );
}
