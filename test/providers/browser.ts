/** A person's browser, as far as a sign-in needs one: cookies, redirects, and forms. */

export interface Page {
  readonly url: URL;
  readonly html: string;
}

export interface Browser {
  /** Follows redirects until a page, or until an address that begins with one of `ends`. */
  open(address: string, ends: readonly string[]): Promise<Page>;
  /** Sends the first form of a page, and goes on as {@link Browser.open}. */
  submit(page: Page, fields: Fields, ends: readonly string[]): Promise<Page>;
}

type Fields = Readonly<Record<string, string>>;

const MAX_STEPS = 15;

export function createBrowser(): Browser {
  const cookies = new Map<string, string>();
  const follow = async (address: string, ends: readonly string[], form?: URLSearchParams) => {
    let url = address;
    let body = form;
    for (let steps = 0; steps < MAX_STEPS; steps += 1) {
      if (ends.some((end) => url.startsWith(end))) {
        return { url: new URL(url), html: "" };
      }
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(url, {
        redirect: "manual",
        headers: { cookie },
        ...(body !== undefined && { method: "POST", body }),
      });
      body = undefined;
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        cookies.set(name, value);
      }
      const location = response.headers.get("location");
      if (location === null) {
        return { url: new URL(url), html: await response.text() };
      }
      url = new URL(location, url).href;
    }
    throw new Error("too many redirects");
  };
  return {
    open: async (address, ends) => await follow(address, ends),
    submit: async ({ url, html }, fields, ends) => {
      const [form = ""] = /<form[^>]*>[^]*?<\/form>/i.exec(html) ?? [];
      const action = unescape(/<form[^>]*\saction="([^"]*)"/i.exec(form)?.[1] ?? "");
      const hidden = [...form.matchAll(/<input[^>]*type="hidden"[^>]*>/gi)].map(([input]) => [
        unescape(/\sname="([^"]*)"/.exec(input)?.[1] ?? ""),
        unescape(/\svalue="([^"]*)"/.exec(input)?.[1] ?? ""),
      ]);
      const all = { ...(Object.fromEntries(hidden) as Record<string, string>), ...fields };
      return await follow(new URL(action, url).href, ends, new URLSearchParams(all));
    },
  };
}

function unescape(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&#x2F;", "/").replaceAll("&amp;", "&");
}
