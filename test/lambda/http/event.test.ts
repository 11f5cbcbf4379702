import { readEvent } from "../../../lambda/http/event";
import { httpEvent } from "../../support/events";

describe("an event as documented", () => {
  test("is read", () => {
    const event = httpEvent("PUT /me", { body: "e30=", isBase64Encoded: true, rawQueryString: "" });
    expect(readEvent(event, "fallback")).toMatchObject({
      routeKey: "PUT /me",
      method: "PUT",
      path: "/me",
      query: "",
      cookies: [],
      body: "e30=",
      isBase64Encoded: true,
      requestId: "request-1",
      sourceIp: "192.0.2.1",
    });
  });

  test("F5: says where it came from by what API Gateway saw, and by no header", () => {
    const headers = { "x-forwarded-for": "198.51.100.1", forwarded: "for=198.51.100.1" };
    expect(readEvent(httpEvent("GET /me", { headers }), "1").sourceIp).toBe("192.0.2.1");
  });

  test("S19: names of headers that differ in case only are one header, and none hides another", () => {
    const headers = { Authorization: "Bearer a", authorization: "Bearer b", "X-Y": "1" };
    expect({ ...readEvent(httpEvent("GET /me", { headers }), "1").headers }).toMatchObject({
      authorization: "Bearer a,Bearer b",
      "x-y": "1",
    });
  });

  test("S23: a header called __proto__ is a header", () => {
    const headers = JSON.parse('{"__proto__":"polluted"}') as Record<string, string>;
    const read = readEvent({ headers }, "1").headers;
    expect(Object.getPrototypeOf(read)).toBeNull();
    expect(Object.keys(read)).toEqual(["__proto__"]);
    expect(read["tostring"]).toBeUndefined();
  });
});

describe("S35: anything else is an event that says nothing", () => {
  const nothing = {
    routeKey: "",
    method: "",
    path: "",
    query: "",
    cookies: [],
    body: undefined,
    isBase64Encoded: false,
    requestId: "fallback",
    sourceIp: undefined,
  };

  test.each([
    [undefined],
    [null],
    [7],
    ["event"],
    [[]],
    [{ headers: [["authorization", "Bearer x"]], requestContext: "x", body: 7, rawPath: {} }],
    [{ headers: { authorization: ["Bearer x"] }, requestContext: { http: null, requestId: 1 } }],
    [{ requestContext: { http: { sourceIp: ["192.0.2.1"] } }, sourceIp: "192.0.2.1" }],
    [{ routeKey: ["GET /me"], isBase64Encoded: "true", rawQueryString: null }],
  ])("%j", (event) => {
    const read = readEvent(event, "fallback");
    expect(read).toMatchObject(nothing);
    expect(read.headers["authorization"]).toBeUndefined();
  });
});
