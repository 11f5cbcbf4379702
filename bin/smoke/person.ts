/** Who signs in for the checks of a user: tokens, or a code that the API spends. */

export interface Tokens {
  readonly idToken: string;
  readonly refreshToken: string;
  /** That came with them, if it is known. */
  readonly accessToken?: string;
}

export type Person =
  | {
      readonly kind: "tokens";
      readonly tokens: Tokens;
      /** The provider's, for another client of its. */
      readonly foreignIdToken?: string;
      /** Signs the same person in once more; absent: nobody can. */
      readonly again?: () => Promise<Tokens>;
    }
  | {
      readonly kind: "code";
      /** The body of `POST /sessions`. */
      readonly spend: Readonly<Record<string, string>>;
      readonly foreignIdToken?: string;
    };
