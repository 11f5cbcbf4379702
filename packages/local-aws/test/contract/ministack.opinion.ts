/**
 * A second opinion on the contracts of SQS and Secrets Manager: ministack, by other people, is held
 * to the same statements as the services of this package. Where the two differ, one of them
 * misreads AWS; the reason says which. Its KMS is not asked: it opens a ciphertext with a flipped
 * bit.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Ministack, preparedPython, startMinistack } from "../ministack/start-ministack";
import { type Difference, testContract } from "./contract";
import { createSecretsDriver, SECRETS_CONTRACT } from "./secrets-manager.contract";
import { SQS_CONTRACT } from "./sqs.contract";
import { createSqsDriver } from "./sqs-driver";

const python = preparedPython("ministack");
let ministack: Ministack;

const FIFO_ATTRIBUTES = "ministack does not check the values of FIFO attributes";
const FIFO_IDS = "ministack does not check characters and length of FIFO IDs";
const RECEIPTS =
  "ministack forgets older receipts; DeleteMessage succeeds without an effect on AWS";
const DELAYS = "ministack takes any delay; SQS API, SendMessage: 0 to 900 seconds";

/** By ministack 1.5.33. In each of them the documentation of AWS is on the contract's side. */
const SQS_DIFFERENCES: Record<string, Difference> = {
  "the receipt of an earlier receive deletes nothing": {
    reason: RECEIPTS,
    observed: ["ReceiptHandleIsInvalid", [0, 1, 0]],
  },
  "the entries of a batch succeed and fail each by itself": {
    reason: DELAYS,
    observed: ["sent", true, [1, 0, 1]],
  },
  "a delay of more than 15 minutes is refused": { reason: DELAYS, observed: true },
  "FIFO: a queue jobs.fifo with {} is refused": {
    reason: "ministack makes a FIFO queue of any name that ends so",
    observed: "none",
  },
  'FIFO: a queue jobs.fifo with {"FifoQueue":"true","DeduplicationScope":"group"} is refused': {
    reason: FIFO_ATTRIBUTES,
    observed: "none",
  },
  'FIFO: a queue jobs.fifo with {"FifoQueue":"true","FifoThroughputLimit":"none"} is refused': {
    reason: FIFO_ATTRIBUTES,
    observed: "none",
  },
  'FIFO: a queue jobs.fifo with {"FifoQueue":"true","FifoThroughputLimit":"perMessageGroupId"} is refused':
    { reason: FIFO_ATTRIBUTES, observed: "none" },
  "FIFO: a message with a space in its group is refused": { reason: FIFO_IDS, observed: "none" },
  "FIFO: a message with a deduplication ID of 129 characters is refused": {
    reason: FIFO_IDS,
    observed: "none",
  },
  "FIFO: a standard queue refuses a deduplication ID rather than losing it": {
    reason: "ministack ignores it",
    observed: "none",
  },
  "FIFO: a receipt whose visibility is over deletes nothing, and says so": {
    reason: "ministack deletes by an expired receipt",
    observed: ["none", ""],
  },
  "FIFO: a second delete by a valid receipt is no error": {
    reason: RECEIPTS,
    observed: ["none", "ReceiptHandleIsInvalid"],
  },
};

const SECRETS_DIFFERENCES: Record<string, Difference> = {
  "a secret without a value is ResourceNotFoundException until it has one": {
    reason: "ministack answers without a value",
    observed: ["none", "filled"],
  },
  "the same request token with the same value is one version, with another value refused": {
    reason: "ministack overwrites the version",
    observed: ["none", "two"],
  },
  "a value is text or bytes: both are refused, and so is neither": {
    reason: "ministack does not check it",
    observed: ["none", "none"],
  },
};

/** One process for all tests: they share no queue and no secret. */
const open = async () => await Promise.resolve({ ...ministack, close: async () => undefined });

// Skipped, and counted as skipped, where ministack cannot be installed.
(python === undefined ? describe.skip : describe)("ministack's second opinion", () => {
  beforeAll(async () => {
    ministack = await startMinistack(python ?? "", "sqs,secretsmanager");
  });

  afterAll(async () => {
    await ministack.close();
  });

  describe("SQS", () => {
    const wait = async (milliseconds: number): Promise<void> => {
      await sleep(milliseconds);
    };
    testContract(
      SQS_CONTRACT,
      async () => createSqsDriver({ ...(await open()), wait }),
      SQS_DIFFERENCES,
    );
  });

  describe("Secrets Manager", () => {
    testContract(
      SECRETS_CONTRACT,
      async () => createSecretsDriver(await open()),
      SECRETS_DIFFERENCES,
    );
  });
});
