import { resolve, type Scope } from "../../src/template/intrinsics";

const scope: Scope = {
  ref: (name) => `<${name}>`,
  getAtt: (logicalId, attribute) => `<${logicalId}.${attribute}>`,
  importValue: (name) => `<import ${name}>`,
  stackOutput: (stack, output) => `<${output} of ${stack}>`,
};

test.each([
  [{ Ref: "A" }, "<A>"],
  [{ "Fn::GetAtt": ["A", "Arn"] }, "<A.Arn>"],
  [{ "Fn::GetAtt": "A.Endpoint.Address" }, "<A.Endpoint.Address>"],
  [{ "Fn::Join": ["-", ["a", { Ref: "B" }]] }, "a-<B>"],
  [{ "Fn::Select": [1, { "Fn::Split": [":", "a:b:c"] }] }, "b"],
  [{ "Fn::ImportValue": { "Fn::Join": ["", ["x", "y"]] } }, "<import xy>"],
  [
    { "Fn::GetStackOutput": { StackName: "S", OutputName: "O", Region: { Ref: "AWS::Region" } } },
    "<O of S>",
  ],
  [{ "Fn::Sub": "${A}-${B.Arn}-${!C}" }, "<A>-<B.Arn>-${C}"],
  [{ "Fn::Sub": ["${Own}/${A}", { Own: { Ref: "B" } }] }, "<B>/<A>"],
  [{ deep: [{ Ref: "A" }, 1, null] }, { deep: ["<A>", 1, null] }],
])("%j is %j", (value, expected) => {
  expect(resolve(value, scope)).toEqual(expected);
});

test.each([{ "Fn::If": ["C", 1, 2] }, { "Fn::GetAZs": "" }, { "Fn::Transform": {} }])(
  "%j is an error, never a guess",
  (value) => {
    expect(() => resolve({ deep: value }, scope)).toThrow(/does not know the intrinsic function/);
  },
);
