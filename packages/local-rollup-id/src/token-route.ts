/** `POST /token`: the next fault of the list, or the right answer. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { decodeJwt } from "jose";
import { takeFault, type TokenFault } from "./fault-config";
import { readForm, sendAnswer } from "./http-bodies";
import { subjectOf } from "./people";
import { answerToError } from "./rollup-errors";
import { answerTokenRequest, describeRequest, type TokenWorld } from "./token-answer";
import { commitFault, isProcessed, wait } from "./token-faults";

const IMPOSTOR = "Somebody Else";

export async function token(
  world: TokenWorld,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const form = await readForm(request);
  const [fault, rest] = takeFault(world.faultConfig(), presentedBy(form));
  world.setFaultConfig(rest);
  const pass = (reason: string) => {
    world.ledger.addNotProcessed({ ...describeRequest(world, form), fault: reason });
  };
  if (form === undefined) {
    // Basic credentials or JSON change nothing: the real one reads a form or throws.
    pass("not_a_form");
    sendAnswer(response, answerToError(undefined));
  } else if (fault === undefined) {
    sendAnswer(response, await answerTokenRequest(world, form));
  } else if (isProcessed(fault)) {
    await commitFault(fault, response, await answerWith(fault, world, form));
  } else if (fault.kind !== "slow") {
    pass(fault.kind);
    await commitFault(fault, response);
  } else {
    await wait(fault);
    if (response.destroyed) {
      pass(fault.kind);
      return;
    }
    sendAnswer(response, await answerTokenRequest(world, form));
  }
}

/** Unverified: it only chooses the fault. */
function presentedBy(form: FormData | undefined): string | undefined {
  try {
    return decodeJwt(form?.get("refresh_token") as string).sub;
  } catch {
    return undefined;
  }
}

async function answerWith({ kind }: TokenFault, world: TokenWorld, form: FormData) {
  const impostor = kind === "wrong_sub" ? { impostor: subjectOf(world.memory, IMPOSTOR) } : {};
  return await answerTokenRequest({ ...world, ...impostor }, form);
}
