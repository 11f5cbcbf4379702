import { headers } from "next/headers";
import type { User } from "rollup-vault-client";

/** For server components: the visitor's own cookie, sent on to the API. Undefined where nobody is signed in. */
export async function serverUser(): Promise<User | undefined> {
  const cookie = (await headers()).get("cookie") ?? "";
  const response = await fetch(`${process.env.VAULT_API_URL ?? ""}/me`, {
    headers: { cookie },
    cache: "no-store",
  });
  return response.ok ? ((await response.json()) as User) : undefined;
}
