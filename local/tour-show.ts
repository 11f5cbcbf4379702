/** How the tour prints: what was sent, what came back, secrets shortened. */
import type { Screen } from "./progress";

/**
 * What a bystander who sees the screen could use: JWTs, codes, client secrets,
 * ciphertext.
 */
const SECRET =
  /eyJ[\w-]+\.[\w-]+\.[\w-]+|0x[0-9a-f]{48}|\b[0-9a-f]{40}\b|[A-Za-z0-9+/]{60,}={0,2}/g;

function shortened(text: string): string {
  return text.replace(
    SECRET,
    (secret) => `${secret.slice(0, 10)}…${secret.slice(-4)} (${secret.length} characters)`,
  );
}

export interface Shown {
  heading(text: string): void;
  sent(line: string, body?: unknown): void;
  received(status: number, body: unknown): void;
  note(text: string): void;
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
  };
}

function pretty(body: unknown): string[] {
  const text = typeof body === "string" ? body : JSON.stringify(body, undefined, 2);
  return text.split("\n");
}
