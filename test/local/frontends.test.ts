import { readFrontends, USUAL_FRONTENDS } from "../../local/frontends";

test("origins by comma, each once, this machine by both of its names", () => {
  expect(
    readFrontends("http://localhost:5174/, https://app.example,http://127.0.0.1:5174"),
  ).toEqual(["http://localhost:5174", "http://127.0.0.1:5174", "https://app.example"]);
  expect([readFrontends(undefined), readFrontends("")]).toEqual([[], []]);
});

test.each([
  "localhost:5173",
  "http://localhost:5173/app",
  "http://localhost:5173/?a",
  "http://192.168.1.7:5173",
  "ftp://localhost",
  "https://me:secret@app.example",
])("%j is refused with an example", (text) => {
  expect(() => readFrontends(text)).toThrow(
    "FRONTEND_URL must be origins like http://localhost:5173, separated by commas",
  );
});

test.each([3000, 4200, 5173, 8080])("port %s is allowed without being asked for", (port) => {
  expect(USUAL_FRONTENDS).toContain(`http://localhost:${port}`);
  expect(USUAL_FRONTENDS).toContain(`http://127.0.0.1:${port}`);
});
