/**
 * RSA keys of one run of the tests. Making one takes a fifth of a second, so that files share them:
 * within a file each is another, the first of every file are the same. Nothing outlives the run.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

let made = 0;

/** 2,048 bits, and no other one of this file. */
export function newRsaPair(): KeyPair {
  const folder = process.env["RSA_KEY_FOLDER"];
  made += 1;
  return folder === undefined ? generate() : kept(join(folder, `${String(made)}.pem`));
}

function generate(): KeyPair {
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

function kept(file: string): KeyPair {
  try {
    const privateKey = createPrivateKey(readFileSync(file));
    return { privateKey, publicKey: createPublicKey(privateKey) };
  } catch {
    const pair = generate();
    // Whole or not at all: other workers read it.
    const draft = `${file}.${String(process.pid)}`;
    writeFileSync(draft, pair.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    renameSync(draft, file);
    return pair;
  }
}
