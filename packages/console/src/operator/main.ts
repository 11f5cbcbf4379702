/** The operator's screen: which view is shown, and what is said about what was done. */
import { h, show } from "@rollup-vault/page/dom";
import { frame } from "../frame";
import { type Desk, placeText } from "./desk";
import { overview } from "./overview";
import { found, usersOf } from "./people";
import { askToType } from "./question";
import { oneUser } from "./user";
import { ask, type Place, Refused, unlock } from "./wire";

async function start(): Promise<void> {
  const view = h("div", { id: "view", tabindex: -1 });
  const said = h("p", { class: "said", role: "status" });
  const problem = h("p", { class: "problem", role: "alert" });
  const tell = (error: unknown) => {
    problem.textContent =
      error instanceof Refused && error.status === 401
        ? "This tab may not look: the address that the command printed works once, in one tab. Start the command again for another."
        : (error as Error).message;
  };
  const draw = (place?: Place) => {
    frame({
      title: "Operator",
      name: "operator",
      links: place === undefined ? [] : [h("a", { href: "#" }, "Overview")],
      ...(place && {
        banner: h("p", { class: place.place === null ? "" : "deployed" }, placeText(place)),
      }),
      content: [said, problem, view],
    });
  };
  draw();
  try {
    await unlock();
    const place = await ask<Place>("place");
    draw(place);
    const desk: Desk = {
      place,
      change: async ({ done, work, ...question }) => {
        const typed = await askToType({ ...question, place: placeText(place) });
        if (typed === undefined) {
          return;
        }
        await go(async () => {
          await work(typed);
          said.textContent = done;
        });
        await route();
        if (document.activeElement === document.body) {
          view.focus();
        }
      },
    };
    const go = async (work: () => Promise<void>) => {
      view.setAttribute("aria-busy", "true");
      problem.textContent = "";
      said.textContent = "";
      try {
        await work();
      } catch (error) {
        tell(error);
      } finally {
        view.setAttribute("aria-busy", "false");
      }
    };
    /** A later choice wins over an answer that is slow. */
    let latest = 0;
    const route = async () => {
      const turn = (latest += 1);
      view.setAttribute("aria-busy", "true");
      try {
        const parts = await viewOf(desk, location.hash.slice(1));
        if (turn === latest) {
          show(view, ...parts);
        }
      } catch (error) {
        tell(error);
      } finally {
        view.setAttribute("aria-busy", "false");
      }
    };
    addEventListener("hashchange", () => {
      said.textContent = "";
      problem.textContent = "";
      void route().then(() => {
        view.focus();
      });
    });
    await route();
  } catch (error) {
    tell(error);
  }
}

async function viewOf(desk: Desk, hash: string): Promise<readonly HTMLElement[]> {
  const slash = hash.indexOf("/");
  const [name, about] = [hash.slice(0, Math.max(0, slash)), hash.slice(slash + 1)];
  switch (name) {
    case "users":
      return await usersOf(about);
    case "search":
      return await found(decodeURIComponent(about));
    case "user":
      return await oneUser(desk, decodeURIComponent(about));
    default:
      return await overview(desk);
  }
}

void start();
