/** The people of the local provider: typing a name signs in as that person. */
import { randomBytes } from "node:crypto";
import type { Memory } from "./provider-memory";

/** The same subject for the same name, for as long as the data folder lives. */
export function subjectOf(memory: Memory, name: string): string {
  const known = memory.get().people.find((person) => person.name === name);
  if (known !== undefined) {
    return known.sub;
  }
  const sub = `urn:rollupid:identity/0x${randomBytes(24).toString("hex")}`;
  memory.change(({ people }) => ({ people: [...people, { name, sub }] }));
  return sub;
}

/** Who has signed in last is offered first, and again if it was taken off the list. */
export function putLast(memory: Memory, name: string): void {
  const { people } = memory.get();
  const last = people.at(-1);
  if (last?.name !== name || last.unlisted === true) {
    memory.change(() => ({
      people: [
        ...people.filter((person) => person.name !== name),
        ...people
          .filter((person) => person.name === name)
          .map((person) => ({ name, sub: person.sub })),
      ],
    }));
  }
}

/** Not offered any more. Whoever types the name is the same person: nobody is erased by it. */
export function takeOffList(memory: Memory, name: string): void {
  memory.change(({ people }) => ({
    people: people.map((person) => (person.name === name ? { ...person, unlisted: true } : person)),
  }));
}

export function namesOffered(memory: Memory): readonly string[] {
  const offered = memory.get().people.filter(({ unlisted }) => unlisted !== true);
  return offered.map(({ name }) => name);
}

export function nameOf(memory: Memory, sub: string): string | undefined {
  return memory.get().people.find((person) => person.sub === sub)?.name;
}

export function pictureOf(name: string): string {
  return `https://pictures.example/${encodeURIComponent(name)}.png`;
}

export function emailOf(name: string): string {
  return `${encodeURIComponent(name.toLowerCase().replaceAll(" ", "."))}@people.example`;
}
