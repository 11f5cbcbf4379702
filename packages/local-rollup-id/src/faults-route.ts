/** `/faults`: reads and changes the fault configuration. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { applyChanges, DOCUMENTATION, type FaultConfig, readChanges } from "./fault-config";
import { readJson, sendJson } from "./http-bodies";
import type { Memory } from "./provider-memory";
import { addKey } from "./signing-keys";

export interface FaultsWorld {
  readonly memory: Memory;
  readonly faultConfig: () => FaultConfig;
  readonly setFaultConfig: (faultConfig: FaultConfig) => void;
  readonly now: () => number;
}

export function showFaults({ faultConfig }: FaultsWorld, response: ServerResponse): void {
  sendJson(response, 200, { ...faultConfig(), documentation: DOCUMENTATION });
}

/** Answers the fault configuration as it is from now on. */
export async function changeFaults(
  world: FaultsWorld,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const changes = readChanges(await readJson(request));
  if (changes === undefined) {
    sendJson(response, 400, { message: "not a fault configuration", documentation: DOCUMENTATION });
    return;
  }
  world.setFaultConfig(applyChanges(world.faultConfig(), changes));
  if (changes.keys === "rotate") {
    await addKey(world.memory, world.now());
  }
  sendJson(response, 200, world.faultConfig());
}
