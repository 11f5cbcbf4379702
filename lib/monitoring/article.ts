/** The article of an alarm, in the owner's copy of this repository. */
export function articleOf(name: string): string {
  return `docs/runbook.md#alarm-${name.toLowerCase()}`;
}
