/**
 * The check that every integration test's responses go through sees a member that is renamed on
 * either side.
 */
import { createCheck, type Exchange } from "../src/check/check";
import {
  follow,
  type Members,
  members,
  operationsOf,
  readContract,
  responseFor,
} from "../src/check/document";

const contract = readContract();

interface Sample extends Exchange {
  readonly title: string;
}

/** A response for each example, with the headers that are documented. */
const samples = operationsOf(contract).flatMap((each) =>
  Object.keys(members(each.operation["responses"])).flatMap((key): Sample[] => {
    const status = key === "default" ? 405 : Number(key);
    const { response, pointer } = responseFor(contract, each, status);
    return Object.entries(members(response["content"])).flatMap(([type, media]) =>
      Object.keys(members(members(media)["examples"])).map((name) => {
        const { value } = follow(
          contract,
          `${pointer}/content/${type.replace("/", "~1")}/examples/${name}`,
        );
        return {
          title: `${each.method} ${each.path} ${key} ${name}`,
          method: each.method,
          path: each.path.replace("{id}", "x"),
          sent: undefined,
          status,
          headers: { "content-type": type, ...headersOf(pointer, response) },
          text: JSON.stringify(value["value"]),
        };
      }),
    );
  }),
);

function headersOf(pointer: string, response: Members): Record<string, string> {
  return Object.fromEntries(
    Object.keys(members(response["headers"])).flatMap((name) => {
      const { value } = follow(contract, `${pointer}/headers/${name}`);
      const { const: only, examples = [] } = members(value["schema"]);
      const [first = "7"] = examples as string[];
      return value["required"] === true
        ? [[name.toLowerCase(), typeof only === "string" ? only : first]]
        : [];
    }),
  );
}

const check = createCheck(contract);
const answersOf = ({ findings }: { findings: readonly string[] }) =>
  findings.filter((finding) => !finding.includes("no body was taken"));

test("every documented example is what its schema says", () => {
  expect(samples.length).toBeGreaterThan(100);
  expect(samples.flatMap((sample) => answersOf(check(sample)))).toEqual([]);
});

test.each(samples.map((sample) => [sample.title, sample] as const))(
  "a member renamed in a response is found: %s",
  (_, sample) => {
    const body = members(JSON.parse(sample.text));
    for (const name of Object.keys(body)) {
      const { [name]: value, ...others } = body;
      const text = JSON.stringify({ ...others, [`${name}_renamed`]: value });
      expect([name, answersOf(check({ ...sample, text })).length > 0]).toEqual([name, true]);
    }
  },
);

test("a member renamed in the document is found by the responses that have it", () => {
  const schemas = members(members(contract["components"])["schemas"]);
  const used = Object.entries(schemas).flatMap(([name, schema]) =>
    Object.keys(members(members(schema)["properties"]))
      .filter((member) => samples.some(({ text }) => text.includes(`"${member}"`)))
      .filter(() => !/Request$|Patch$/.test(name) && name !== "Claims" && name !== "GatewayMessage")
      .map((member) => [name, member] as const),
  );
  expect(used.length).toBeGreaterThan(100);
  const blind = used.filter(([schema, member]) => {
    const changed = createCheck(renamed(schema, member));
    const having = samples.filter(({ text }) => text.includes(`"${member}"`));
    return !having.some((sample) => answersOf(changed(sample)).length > 0);
  });
  expect(blind).toEqual([]);
});

/** A copy of the document in which a schema calls a member otherwise. */
function renamed(schema: string, member: string): Members {
  const copy = structuredClone(contract) as {
    components: {
      schemas: Record<string, { properties: Record<string, unknown>; required: string[] }>;
    };
  };
  const changed = copy.components.schemas[schema]!;
  const { [member]: value, ...others } = changed.properties;
  changed.properties = { ...others, [`${member}_renamed`]: value };
  changed.required = changed.required.map((name) => (name === member ? `${member}_renamed` : name));
  return copy;
}

describe("also found are", () => {
  const sample = samples.find(({ title }) => title === "GET /me 200 user")!;
  const refused = samples.find(({ title }) => title.startsWith("GET /me 503"))!;

  test.each<[string, Partial<Exchange>]>([
    ["a header that is missing", { headers: { ...sample.headers, etag: undefined } }],
    ["a header that is not documented", { headers: { ...sample.headers, "x-new": "1" } }],
    ["a header that says something else", { headers: { ...sample.headers, etag: "3" } }],
    ["a status that is not documented", { status: 202 }],
    ["another media type", { headers: { ...sample.headers, "content-type": "text/html" } }],
    ["a body that is no JSON", { text: "{" }],
    ["a query that was taken", { path: "/me?sub=x" }],
    ["a time that is none", { text: sample.text.replace("2026-01-05T", "yesterday ") }],
    ["a number as text", { text: sample.text.replace('"version":3', '"version":"3"') }],
  ])("%s", (_, change) => {
    expect(answersOf(check(sample))).toEqual([]);
    expect(answersOf(check({ ...sample, ...change }))).not.toEqual([]);
  });

  test("a problem whose code belongs to another status, and a Retry-After that is no number", () => {
    expect(answersOf(check({ ...refused, status: 500 }))).not.toEqual([]);
    const headers = { ...refused.headers, "retry-after": "soon" };
    expect(answersOf(check({ ...refused, headers }))).not.toEqual([]);
  });

  test("a body that was taken and is not documented", () => {
    const put = samples.find(({ title }) => title === "PUT /me/refresh-token 200 grant")!;
    const sent = '{"refresh_token":"x"}';
    expect(check({ ...put, sent }).findings).toEqual([]);
    expect(check({ ...put, sent: '{"refresh_token":"x","sub":"y"}' }).findings).not.toEqual([]);
    expect(check({ ...put, sent: undefined }).findings).not.toEqual([]);
  });
});
