/** Lists of users: by status, and by what was searched for. */
import { button, h } from "@rollup-vault/page/dom";
import { searchForm } from "./overview";
import { ask, type ListPage, type Person, type SearchPage } from "./wire";
import { moment, statusBadge, statusText } from "./words";

export async function usersOf(status: string): Promise<readonly HTMLElement[]> {
  const list = h("ul", { class: "people" });
  const more = h("div", { class: "row" });
  const none = h("p", { class: "soft" });
  const load = async (after?: string) => {
    const page = await ask<ListPage>("users", { status: status || undefined, after });
    list.append(
      ...page.grants.map(({ since, status: has, ...person }) =>
        row(person, statusBadge(has), " since ", moment(since)),
      ),
    );
    none.textContent = list.childElementCount === 0 ? "None." : "";
    const { next } = page;
    more.replaceChildren(
      ...(next === null ? [] : [button("More", () => load(next), { id: "more" })]),
    );
  };
  await load();
  return [
    card(status === "" ? "All users with a grant" : `Users: ${statusText(status)}`, [
      list,
      none,
      more,
    ]),
  ];
}

export async function found(text: string): Promise<readonly HTMLElement[]> {
  const list = h("ul", { class: "people" });
  const more = h("div", { class: "row" });
  const state = h("p", { class: "soft", role: "status" });
  let looked = 0;
  const load = async (after?: string) => {
    const page = await ask<SearchPage>("search", { text, after });
    looked += page.looked;
    list.append(...page.users.map((person) => row(person)));
    const { next } = page;
    const users = `${String(list.childElementCount)} found among ${looked.toLocaleString("en")} users`;
    state.textContent = next === null ? `${users}; that is all.` : `${users} so far.`;
    more.replaceChildren(
      ...(next === null ? [] : [button("Look further", () => load(next), { id: "more" })]),
    );
  };
  await load();
  return [card("Find a user", [searchForm(text), state, list, more])];
}

function card(title: string, parts: readonly HTMLElement[]): HTMLElement {
  return h(
    "section",
    { class: "card", "aria-labelledby": "list-title" },
    h("h2", { id: "list-title" }, title),
    ...parts,
  );
}

function row({ sub, name, email }: Person, ...facts: readonly (Node | string)[]): HTMLElement {
  const shown = name ?? email ?? sub;
  return h(
    "li",
    {},
    h("a", { href: `#user/${encodeURIComponent(sub)}` }, shown),
    name !== null && email !== null && h("span", {}, email),
    shown !== sub && h("span", { class: "soft small" }, sub),
    facts.length > 0 && h("span", { class: "small" }, ...facts),
  );
}
