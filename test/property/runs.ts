/**
 * How many cases a property is tried with: `FUZZ=50` makes it fifty times as many as the tests that run at every change.
 */
export function runs(usual: number): number {
  const factor = Number(process.env['FUZZ'] ?? '1');
  return Math.max(1, Math.round(usual * (Number.isFinite(factor) ? factor : 1)));
}
