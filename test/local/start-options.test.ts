import { readResourceUrl } from "../../local/start-options";

test.each([
  "https://api.example/graphql",
  "http://127.0.0.1:4010/graphql",
  "http://localhost:4010/things?of=mine",
])("%s may be sent an access token", (url) => {
  expect(readResourceUrl(url)).toBe(url);
});

test.each([
  "http://api.example/graphql",
  "http://127.0.0.1.api.example/",
  "https://name:word@api.example/",
  "ftp://127.0.0.1/",
  "javascript:alert(1)",
  "/graphql",
  "api.example",
])("%s may not, and the sentence names the variable", (url) => {
  expect(() => readResourceUrl(url)).toThrow(/^RESOURCE_URL must be an https URL/);
});
