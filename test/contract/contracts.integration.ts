/**
 * Each contract on the double that the unit tests use, and on the adapter over two DynamoDB
 * engines or the wire KMS.
 */
import { createKmsOpener } from "../../lambda/kms/kms-opener";
import { createKmsSealer } from "../../lambda/kms/kms-sealer";
import { createEndedMarks } from "../../lambda/store/ended-marks";
import { createGrantMover } from "../../lambda/store/grant-mover";
import { createGrantStore } from "../../lambda/store/grant-store";
import { createMoveJournal } from "../../lambda/store/move-journal";
import { createSessionStore } from "../../lambda/store/session-store";
import { createUserEraser } from "../../lambda/store/user-eraser";
import { createUserMover } from "../../lambda/store/user-mover";
import { createUserStore } from "../../lambda/store/user-store";
import { createWaitingRoom } from "../../lambda/store/waiting-room";
import { createInMemoryCipher } from "../support/in-memory-cipher";
import { createInMemoryEndedMarks } from "../support/in-memory-ended-marks";
import { createInMemoryGrantStore } from "../support/in-memory-grant-store";
import { createInMemoryMoveJournal } from "../support/in-memory-move-journal";
import { createInMemorySessionStore } from "../support/in-memory-session-store";
import { createInMemoryUserStore } from "../support/in-memory-user-store";
import { ENGINES, startTestAws, type TestAws } from "../support/test-aws";
import { cipherContract } from "./cipher.contract";
import { endedMarksContract } from "./ended-marks.contract";
import { grantMoverContract } from "./grant-mover.contract";
import { grantStoreContract } from "./grant-store.contract";
import { moveJournalContract } from "./move-journal.contract";
import { sessionStoreContract } from "./session-store.contract";
import { userMoverContract } from "./user-mover.contract";
import { userStoreContract } from "./user-store.contract";
import { waitingRoomContract } from "./waiting-room.contract";

describe("in memory", () => {
  describe("user store", () => {
    userStoreContract(() => Promise.resolve(createInMemoryUserStore()));
  });
  describe("grant store", () => {
    grantStoreContract(() => Promise.resolve(createInMemoryGrantStore().as));
  });
  describe("user mover", () => {
    userMoverContract(() => Promise.resolve(createInMemoryUserStore()));
  });
  describe("grant mover", () => {
    grantMoverContract(() => Promise.resolve(createInMemoryGrantStore()));
  });
  describe("move journal", () => {
    moveJournalContract(() => Promise.resolve(createInMemoryMoveJournal()));
  });
  describe("ended marks", () => {
    endedMarksContract(() => Promise.resolve(createInMemoryEndedMarks()));
  });
  describe("waiting room", () => {
    waitingRoomContract(() => Promise.resolve(createInMemoryGrantStore()));
  });
  describe("session store", () => {
    sessionStoreContract(() => Promise.resolve(createInMemorySessionStore()));
  });
  describe("cipher", () => {
    cipherContract(() => Promise.resolve(createInMemoryCipher()));
  });
});

for (const [engine, describeEngine] of ENGINES) {
  describeEngine(`DynamoDB (${engine})`, () => {
    let test: TestAws;

    beforeAll(async () => {
      test = await startTestAws(engine);
    });

    afterAll(async () => {
      await test.close();
    });

    describe("user store", () => {
      userStoreContract(async () => {
        const options = { table: await test.createTable(), client: test.documents };
        return { ...createUserEraser(options), ...createUserStore(options) };
      });
    });

    describe("grant store", () => {
      grantStoreContract(async () => {
        const options = { table: await test.createTable(), client: test.documents };
        return (lasting) => createGrantStore({ ...options, lasting });
      });
    });

    describe("user mover", () => {
      userMoverContract(async () => {
        const options = { table: await test.createTable(), client: test.documents };
        const mover = createUserMover(options);
        return { ...createUserEraser(options), ...createUserStore(options), mover };
      });
    });

    describe("grant mover", () => {
      grantMoverContract(async () => {
        const options = { table: await test.createTable(), client: test.documents };
        const mover = createGrantMover(options);
        return { as: (lasting) => createGrantStore({ ...options, lasting }), mover };
      });
    });

    describe("move journal", () => {
      moveJournalContract(async () =>
        createMoveJournal({ table: await test.createTable(), client: test.documents }),
      );
    });

    describe("ended marks", () => {
      endedMarksContract(async () =>
        createEndedMarks({ table: await test.createTable(), client: test.documents }),
      );
    });

    describe("waiting room", () => {
      waitingRoomContract(async () => {
        const options = { table: await test.createTable(), client: test.documents };
        return { ...createGrantStore(options), ...createWaitingRoom(options) };
      });
    });

    describe("session store", () => {
      sessionStoreContract(async () =>
        createSessionStore({ table: await test.createSessionsTable(), client: test.documents }),
      );
    });
  });
}

describe("KMS", () => {
  let test: TestAws;

  beforeAll(async () => {
    test = await startTestAws();
  });

  afterAll(async () => {
    await test.close();
  });

  cipherContract(() => {
    const deployment = { issuer: "https://passport.example", clientId: "client" };
    const options = { keyArn: test.keyArn, deployment, client: test.kms };
    return Promise.resolve({ ...createKmsSealer(options), ...createKmsOpener(options) });
  });
});
