import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { calculateJwkThumbprint, exportJWK } from "jose";
import type { ClientSigningAlg } from "../../../lambda/client-authentication";
import { createKmsSigner } from "../../../lambda/kms/kms-signer";
import { readPublicJwk } from "../../../lambda/kms/public-key";

const EC = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/1";

interface Sent {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** As KMS answers; the wire is in client-keys.integration.ts. */
function createClient(privateKey: KeyObject, failures: (Error | undefined)[] = []) {
  const sent: Sent[] = [];
  const send = (command: { constructor: { name: string }; input: Sent["input"] }) => {
    const { name } = command.constructor;
    sent.push({ name, input: command.input });
    const failure = failures.shift();
    if (failure !== undefined) {
      return Promise.reject(failure);
    }
    return Promise.resolve(
      name === "SignCommand"
        ? { Signature: sign("sha256", command.input["Message"] as Uint8Array, privateKey) }
        : { PublicKey: createPublicKey(privateKey).export({ format: "der", type: "spki" }) },
    );
  };
  return { sent, client: { send } as never };
}

const named = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error(KEY_ARN), { name, $fault: "client", $metadata: { httpStatusCode } });

test("S59: asks KMS for one algorithm and sends the text itself, so that KMS computes the digest", async () => {
  const { client, sent } = createClient(EC);
  await createKmsSigner({ keyArn: KEY_ARN, alg: "ES256", client }).sign("header.payload");
  expect(sent).toEqual([
    {
      name: "SignCommand",
      input: {
        KeyId: KEY_ARN,
        Message: Buffer.from("header.payload"),
        MessageType: "RAW",
        SigningAlgorithm: "ECDSA_SHA_256",
      },
    },
  ]);
});

test.each<[ClientSigningAlg, KeyObject, object]>([
  ["ES256", EC, { dsaEncoding: "ieee-p1363" }],
  ["RS256", RSA, {}],
])("a signature with %s is a JWS signature", async (alg, privateKey, encoding) => {
  const { client } = createClient(privateKey);
  const signature = await createKmsSigner({ keyArn: KEY_ARN, alg, client }).sign("a.b");
  const key = { key: createPublicKey(privateKey), ...encoding };
  expect(signature).toMatch(/^[\w-]+$/);
  expect(verify("sha256", Buffer.from("a.b"), key, Buffer.from(signature, "base64url"))).toBe(true);
});

test.each<[ClientSigningAlg, KeyObject]>([
  ["ES256", EC],
  ["PS256", RSA],
])("the public key of %s is published with its thumbprint as kid (RFC 7638)", async (alg, key) => {
  const { client } = createClient(key);
  const jwk = await exportJWK(createPublicKey(key));
  const kid = await calculateJwkThumbprint(jwk);
  const options = { keyArn: KEY_ARN, alg, client };
  expect(await readPublicJwk(options)).toEqual({ ...jwk, kid, alg, use: "sig" });
  expect(await createKmsSigner(options).kid()).toBe(kid);
});

test("the public key is read once for each instance, and again after a failure", async () => {
  const { client, sent } = createClient(EC, [named("ThrottlingException")]);
  const signer = createKmsSigner({ keyArn: KEY_ARN, alg: "ES256", client });
  await expect(signer.kid()).rejects.toMatchObject({ reason: "client_key_unavailable" });
  const kids = await Promise.all([signer.kid(), signer.kid()]);
  expect(kids[0]).toBe(kids[1]);
  await signer.kid();
  expect(sent.map(({ name }) => name)).toEqual(["GetPublicKeyCommand", "GetPublicKeyCommand"]);
});

describe("S41: what KMS says against signing", () => {
  test.each([
    ["ThrottlingException", 400, "client_key_unavailable"],
    ["KMSInternalException", 500, "client_key_unavailable"],
    ["KeyUnavailableException", 500, "client_key_unavailable"],
    ["AccessDeniedException", 400, "client_key_denied"],
    ["DisabledException", 400, "client_key_denied"],
    // Apple's key was not imported yet.
    ["KMSInvalidStateException", 400, "client_key_denied"],
    ["InvalidKeyUsageException", 400, "client_key_denied"],
    ["NotFoundException", 400, "client_key_denied"],
  ])("%s %d is %s, and its name is the cause", async (name, status, reason) => {
    const { client } = createClient(EC, [named(name, status)]);
    const signing = createKmsSigner({ keyArn: KEY_ARN, alg: "ES256", client }).sign("a.b");
    await expect(signing).rejects.toMatchObject({ reason, cause: { name } });
  });

  test.each([undefined, new Uint8Array(0), new Uint8Array(64)])(
    "%p in the place of a signature is no signature",
    async (Signature) => {
      const client = { send: () => Promise.resolve({ Signature }) } as never;
      const signing = createKmsSigner({ keyArn: KEY_ARN, alg: "ES256", client }).sign("a.b");
      await expect(signing).rejects.toMatchObject({ reason: "client_key_denied" });
    },
  );
});
