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

/** Who has signed in last is offered first. */
export function putLast(memory: Memory, name: string): void {
  const { people } = memory.get();
  if (people.at(-1)?.name !== name) {
    memory.change(() => ({
      people: [
        ...people.filter((person) => person.name !== name),
        ...people.filter((person) => person.name === name),
      ],
    }));
  }
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
