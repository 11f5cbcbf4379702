/** A text of a template; what refers to another resource is told by its name alone. */
export function textOf(value: unknown): string {
  if (typeof value === "string") {
    return value;
  }
  const [[name, about] = ["", undefined]] = Object.entries(value as Record<string, unknown>);
  switch (name) {
    case "Ref":
      return String(about);
    case "Fn::GetAtt":
      return (about as readonly string[]).join(".");
    case "Fn::ImportValue":
      return textOf(about);
    case "Fn::GetStackOutput":
      return String((about as Readonly<Record<string, unknown>>)["OutputName"]);
    case "Fn::Join": {
      const [by, parts] = about as [string, readonly unknown[]];
      return parts.map(textOf).join(by);
    }
    default:
      return JSON.stringify(value);
  }
}
