/** How the tour prints: what was sent, what came back, secrets shortened. */
import type { Screen } from "./progress";

/**
 * What a bystander who sees the screen could use: JWTs, codes, client secrets,
 * ciphertext.
 */
const SECRET =
  /eyJ[\w-]+\.[\w-]+\.[\w-]+|0x[0-9a-f]{48}|\b[0-9a-f]{40}\b|[A-Za-z0-9+/]{60,}={0,2}/g;

/** Members whose text is such a thing, whatever it looks like. */
const SECRET_MEMBERS = [
  "access_token",
  "client_secret",
  "code",
  "code_verifier",
  "id_token",
  "refresh_token",
  "token",
];

function shortened(text: string): string {
  return text.replace(SECRET, shortenedSecret);
}

function shortenedSecret(secret: string): string {
  return `${secret.slice(0, 10)}…${secret.slice(-4)} (${secret.length} characters)`;
}

export interface Shown {
  heading(text: string): void;
  sent(line: string, body?: unknown): void;
  received(status: number, body: unknown): void;
  note(text: string): void;
  /** In full and in one piece, for a person to open: its state and challenge are no secrets. */
  address(url: string): void;
}

export function createShow(screen: Screen): Shown {
  let step = 0;
  const print = (mark: string, first: string, body: unknown) => {
    const lines = body === undefined || body === "" ? [] : pretty(body);
    screen.line(`  ${mark} ${shortened(first)}`);
    for (const line of lines) {
      screen.line(`      ${screen.style("dim", shortened(line))}`);
    }
  };
  return {
    heading: (text) => {
      step += 1;
      screen.line(`\n${screen.style("bold", `${step}. ${text}`)}`);
    },
    sent: (line, body) => {
      print(screen.style("cyan", "→"), line, body);
    },
    received: (status, body) => {
      print(screen.style("green", "←"), String(status), body);
    },
    note: (text) => {
      screen.line(`  ${screen.style("dim", shortened(text))}`);
    },
    address: (url) => {
      screen.line(`\n${url}\n`);
    },
  };
}

function pretty(body: unknown): string[] {
  const readable = (name: string, value: unknown): unknown =>
    typeof value === "string" && SECRET_MEMBERS.includes(name) ? shortenedSecret(value) : value;
  const text = typeof body === "string" ? body : JSON.stringify(body, readable, 2);
  return text.split("\n");
}
