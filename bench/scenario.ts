/** How much is measured. */
export interface Amount {
  readonly calls: number
  readonly rounds: number
}

/** Measures something; a row for each thing that is compared. */
export type Scenario = (amount: Amount) => Promise<readonly Readonly<Record<string, string | number>>[]>

/** The middle of some figures, with the least and the most, as text. */
export function spread(figures: readonly number[]): string {
  const sorted = [...figures].sort((a, b) => a - b)
  return `${round(median(sorted))} (${round(sorted[0] ?? 0)}–${round(sorted.at(-1) ?? 0)})`
}

/** The middle one; of an even number the lower of the two. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}

/** Three digits are more than a shared machine can repeat. */
export function round(figure: number): number {
  return figure >= 100 ? Math.round(figure) : Number(figure.toPrecision(3))
}
