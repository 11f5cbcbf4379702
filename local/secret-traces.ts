/**
 * Finds secrets in a text, also in disguise: base64, base64url, hex, URL-encoded, and any 16
 * characters in a row of these.
 */

const WINDOW = 16;
/** Any `WINDOW` characters in a row have a whole block of the text in them, wherever they begin. */
const BLOCK = WINDOW / 2;

/** The text's blocks, each with the places where it begins: multiples of `BLOCK`. */
type Blocks = ReadonlyMap<string, readonly number[]>;

/**
 * @returns those secrets of which 16 successive characters, in any form, are in the text (all of
 *   them if it is shorter)
 */
export function tracesOf(secrets: Iterable<string>, text: string): string[] {
  const blocks = blocksOf(text);
  const isIn = (form: string): boolean =>
    form.length < WINDOW ? form !== "" && text.includes(form) : hasWindowOf(form, text, blocks);
  return [...secrets].filter((secret) => formsOf(secret).some(isIn));
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8");
  // Base64 of something longer that contains the secret shows it in one of three alignments.
  const aligned = [0, 1, 2].map((offset) => bytes.subarray(offset));
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString("hex"),
    ...aligned.flatMap((part) => [
      inner(part.toString("base64")),
      inner(part.toString("base64url")),
    ]),
  ];
}

/** Without the last characters, which depend on what follows. */
function inner(base64: string): string {
  return base64.slice(0, -4);
}

function blocksOf(text: string): Blocks {
  const blocks = new Map<string, number[]>();
  for (let place = 0; place + BLOCK <= text.length; place += BLOCK) {
    const block = text.slice(place, place + BLOCK);
    const places = blocks.get(block);
    if (places === undefined) {
      blocks.set(block, [place]);
    } else {
      places.push(place);
    }
  }
  return blocks;
}

function hasWindowOf(form: string, text: string, blocks: Blocks): boolean {
  for (let at = 0; at + BLOCK <= form.length; at += 1) {
    const places = blocks.get(form.slice(at, at + BLOCK)) ?? [];
    if (places.some((place) => sharedLength(form, at, text, place) >= WINDOW)) {
      return true;
    }
  }
  return false;
}

/** How many characters around these two places are the same. */
function sharedLength(form: string, at: number, text: string, place: number): number {
  let before = 0;
  while (before < at && before < place && form[at - before - 1] === text[place - before - 1]) {
    before += 1;
  }
  let after = 0;
  while (at + after < form.length && form[at + after] === text[place + after]) {
    after += 1;
  }
  return before + after;
}
