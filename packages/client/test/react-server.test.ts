/** Where a server renders: nothing is known, nothing is made, and nothing is asked. */
import { createElement, type ReactNode, StrictMode } from "react";
import { renderToString } from "react-dom/server";
import {
  SignedIn,
  SignedOut,
  SignInButton,
  useAccessToken,
  useUser,
  VaultProvider,
} from "../src/react.js";

function Everything(): ReactNode {
  const { state, user } = useUser();
  const { accessToken } = useAccessToken();
  return createElement(
    "main",
    null,
    `${state}, ${typeof user}, ${typeof accessToken}`,
    createElement(SignedIn, null, "signed in"),
    createElement(SignedOut, null, "signed out"),
    createElement(SignInButton, { returnTo: "/there", className: "big" }, "Come in"),
  );
}

test("a server renders, and never calls the function that makes the client", () => {
  const vault = jest.fn();
  const errors = jest.spyOn(console, "error").mockImplementation(() => undefined);
  const page = createElement(VaultProvider, { vault }, createElement(Everything));
  expect(renderToString(createElement(StrictMode, null, page))).toBe(
    '<main>unknown, undefined, undefined<button type="button" class="big">Come in</button></main>',
  );
  expect(vault).not.toHaveBeenCalled();
  expect(errors).not.toHaveBeenCalled();
});

test("a hook without a provider says what is missing", () => {
  jest.spyOn(console, "error").mockImplementation(() => undefined);
  expect(() => renderToString(createElement(Everything))).toThrow("No VaultProvider around it");
});
