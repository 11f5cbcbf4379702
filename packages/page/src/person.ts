/** How a user is called on this page. */
import { h } from "./dom";
import type { User } from "./vault";

export interface Person {
  readonly name: string;
  readonly email: string;
}

export function personOf({ claims }: User): Person {
  return {
    name: claims.name ?? "No name shared",
    email: claims.email ?? "No e-mail address known yet",
  };
}

export function avatar({ name }: Person): HTMLElement {
  const initial = String.fromCodePoint(name.codePointAt(0) ?? 63).toUpperCase();
  return h("span", { class: "avatar", "aria-hidden": "true" }, initial);
}
