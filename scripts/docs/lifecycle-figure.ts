/** From each status, those it may become. */
export type Moves = Readonly<Record<string, readonly string[]>>

const fence = '```'
const figure = /```mermaid\n[\s\S]*?```/

/** Where a run begins: due at once, or at a time to come. */
const firsts = ['queued', 'delayed']

/** The moves as a figure in Markdown. */
export function drawMoves(moves: Moves): string {
  const begins = firsts.filter((status) => status in moves).map((status) => `[*] --> ${status}`)
  const arrows = Object.entries(moves).flatMap(([from, targets]) =>
    targets.length === 0 ? [`${from} --> [*]`] : targets.map((to) => `${from} --> ${to}`),
  )
  const lines = ['stateDiagram-v2', ...[...begins, ...arrows].map((arrow) => `  ${arrow}`)]
  return [`${fence}mermaid`, ...lines, fence].join('\n')
}

/** Puts a figure in the place of the one that a page has; at its end if it has none. */
export function replaceFigure(page: string, drawn: string): string {
  return figure.test(page) ? page.replace(figure, () => drawn) : `${page}${drawn}\n`
}
