import { headers } from "next/headers";
import type { User } from "rollup-vault-client";

/**
 * For server components: forwards the visitor's own cookie to the API.
 * @returns undefined if the visitor is not signed in
 */
export async function serverUser(): Promise<User | undefined> {
  const cookie = (await headers()).get("cookie") ?? "";
  const response = await fetch(`${process.env.VAULT_API_URL ?? ""}/me`, {
    headers: { cookie },
    cache: "no-store",
  });
  return response.ok ? ((await response.json()) as User) : undefined;
}
