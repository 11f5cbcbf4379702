/** CloudWatch's namespace of a stage's own metrics: two stages in one account are told apart. */
export function metricsNamespaceOf({ name }: { readonly name: string }): string {
  return `RollupVault/${name}`;
}
