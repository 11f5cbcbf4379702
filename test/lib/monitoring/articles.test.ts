/** Every alarm has its article in the runbook, and each article its alarm. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assertStage } from "../../../lib/stage";
import { resourcesOf, STAGE, synthesize } from "../synth";

const runbook = readFileSync(join(__dirname, "../../../docs/runbook.md"), "utf8");

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(" ", "-");
}

test("alarms and rules name exactly the articles that there are", () => {
  const { api } = synthesize(
    assertStage({
      ...STAGE,
      idp: { ...STAGE.idp, profile: "oidc", refreshTokenRotation: "strict" },
    }),
  );
  const types = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::Events::Rule"];
  const named = types.flatMap((type) =>
    resourcesOf(api, type).flatMap(([logicalId, { Properties }]) => {
      const said = Properties["AlarmDescription"] ?? Properties["Description"] ?? "";
      const anchor = /docs\/runbook\.md#(\S+)/.exec(said as string)?.[1];
      // The sweep's schedule is no alarm.
      return anchor === undefined && type === "AWS::Events::Rule" ? [] : [anchor ?? logicalId];
    }),
  );
  const articles = [...runbook.matchAll(/^### (Alarm \w+)$/gm)].map(([, one]) =>
    anchorOf(String(one)),
  );
  expect(articles).toHaveLength(new Set(articles).size);
  expect([...new Set(named)].sort()).toEqual(articles.sort());
});

test("an article says what it means and what to do", () => {
  const articles = runbook.split(/^### /m).filter((text) => text.startsWith("Alarm "));
  expect(articles.length).toBeGreaterThan(20);
  for (const text of articles) {
    expect(text).toMatch(/\*\*Means:\*\* .+[\s\S]+\*\*Do:\*\* .+/);
  }
});

test("the topic is encrypted, and the stage's address is subscribed", () => {
  const { api } = synthesize(assertStage({ ...STAGE, alarms: { email: "ops@app.example" } }));
  expect(resourcesOf(api, "AWS::SNS::Topic").map(([, one]) => one.Properties)).toEqual([
    expect.objectContaining({ KmsMasterKeyId: expect.anything() as unknown }),
  ]);
  expect(resourcesOf(api, "AWS::SNS::Subscription").map(([, one]) => one.Properties)).toEqual([
    expect.objectContaining({ Protocol: "email", Endpoint: "ops@app.example" }),
  ]);
});
