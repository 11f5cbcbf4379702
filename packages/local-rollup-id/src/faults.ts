/** `/faults`: reads and changes the programme. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { addKey } from "./keys";
import { applyChanges, DOCUMENTATION, type Programme, readChanges } from "./programme";
import type { Memory } from "./state";
import { readJson, sendJson } from "./wire";

export interface FaultsWorld {
  readonly memory: Memory;
  readonly programme: () => Programme;
  readonly setProgramme: (programme: Programme) => void;
  readonly now: () => number;
}

export function showFaults({ programme }: FaultsWorld, response: ServerResponse): void {
  sendJson(response, 200, { ...programme(), documentation: DOCUMENTATION });
}

/** Answers the programme as it is from now on. */
export async function changeFaults(
  world: FaultsWorld,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const changes = readChanges(await readJson(request));
  if (changes === undefined) {
    sendJson(response, 400, { message: "not a programme", documentation: DOCUMENTATION });
    return;
  }
  world.setProgramme(applyChanges(world.programme(), changes));
  if (changes.keys === "rotate") {
    await addKey(world.memory, world.now());
  }
  sendJson(response, 200, world.programme());
}
