/** Each preset is complete, says where each claim comes from, and makes a stage that is right. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { PRESET_NAMES } from "../../../lib/provider/preset";
import { matchIssuer, presetOf, resolveIdp } from "../../../lib/provider/resolve";
import { assertStage } from "../../../lib/stage";
import { dev } from "../../../lib/stages/dev";
import { DEFAULT_TOKENS } from "../../lambda/idp/default-tokens/all";
import { PRESET_SCHEMA, SHOWN } from "./preset-schema";

test("each name has a file, and each file a name", () => {
  const files = readdirSync(join(__dirname, "../../../lib/provider/presets"));
  expect(new Set(files)).toEqual(new Set(PRESET_NAMES.map((name) => `${name}.json`)));
});

describe.each(PRESET_NAMES)("%s", (name) => {
  const preset = presetOf(name);

  test("is complete", () => {
    const result = v.safeParse(PRESET_SCHEMA, preset);
    const problems = result.issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
    expect(problems ?? []).toEqual([]);
    expect(preset.name).toBe(name);
  });

  test("has a source for what it claims, and says what is not known", () => {
    const shown = new Set<string>(preset.sources.flatMap(({ shows }) => shows));
    const isOpen = (part: (typeof SHOWN)[number]) =>
      part in preset.habits && preset.habits[part as keyof typeof preset.habits] === "unknown";
    expect(SHOWN.filter((part) => !shown.has(part) && !isOpen(part))).toEqual([]);
    const urls = preset.sources.map(({ url }) => url);
    expect(urls).toEqual([...new Set(urls)]);
  });

  test("resolves to settings that the stage's schema accepts", () => {
    const { idp } = DEFAULT_TOKENS[name];
    const stage = assertStage({ ...dev, idp }, {});
    expect(stage.idp).toEqual(resolveIdp(idp, {}));
    expect(stage.idp).toMatchObject(preset.settings);
  });

  test("takes its own example of an issuer, and none that it calls a mistake", () => {
    expect(matchIssuer(preset, preset.issuer.example)[0]).toBe(preset.issuer.example);
    for (const { pattern } of preset.issuer.mistakes ?? []) {
      expect(new RegExp(`^(?:${pattern})$`, "u").test(preset.issuer.example)).toBe(false);
    }
  });

  test("asks for the scope that brings a refresh token, and explains each scope", () => {
    const { scopes, refreshTokenScope } = preset.authorization;
    expect(Object.keys(preset.scopes)).toEqual(expect.arrayContaining([...scopes]));
    expect(refreshTokenScope === undefined || scopes.includes(refreshTokenScope)).toBe(true);
  });

  test("has a stage block of four lines at most", () => {
    const { preset: named = "oidc", issuer, clientId } = DEFAULT_TOKENS[name].idp;
    const needed = preset.needs === undefined ? [] : Object.keys(preset.needs);
    expect([named, issuer, clientId, ...needed].length).toBeLessThanOrEqual(4);
  });
});
