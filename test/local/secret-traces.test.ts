import { randomBytes } from "node:crypto";
import { tracesOf } from "../../local/secret-traces";

const secret = randomBytes(40).toString("hex");
const odd = `${randomBytes(20).toString("base64")}&=/+ü`;

test.each([
  ["as it is", secret, secret],
  ["16 characters of it", secret, secret.slice(20, 36)],
  ["in base64", secret, Buffer.from(secret).toString("base64")],
  ["in base64 behind one other character", secret, Buffer.from(`x${secret}`).toString("base64")],
  [
    "in base64url behind two other characters",
    secret,
    Buffer.from(`xy${secret}`).toString("base64url"),
  ],
  ["URL-encoded", odd, encodeURIComponent(odd)],
  ["in hexadecimal", odd, Buffer.from(odd).toString("hex")],
])("S36: finds a secret %s", (_, hidden, text) => {
  expect(tracesOf([hidden], `before ${text} after`)).toEqual([hidden]);
});

test.each(Array.from({ length: 16 }, (_, at) => at))(
  "S36: finds any 16 characters of a secret at place %i of a text, and no 15",
  (place) => {
    for (let from = 0; from + 16 <= secret.length; from += 1) {
      const textOf = (length: number) =>
        `${"~".repeat(place)}${secret.slice(from, from + length)}${"~".repeat(20)}`;
      expect([from, tracesOf([secret], textOf(16))]).toEqual([from, [secret]]);
      expect([from, tracesOf([secret], textOf(15))]).toEqual([from, []]);
    }
  },
);

test("15 characters are no trace, nor is a text without the secret", () => {
  expect(tracesOf([secret], `${secret.slice(0, 15)} ${randomBytes(60).toString("hex")}`)).toEqual(
    [],
  );
});
