// The figure in docs/run-lifecycle.md, drawn from the table of moves that the services obey.
// `node scripts/lifecycle-docs.ts` writes it into the page, with --check it only compares.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { keepPage, readPage } from './docs/keep-page.ts'
import { drawMoves, type Moves, replaceFigure } from './docs/lifecycle-figure.ts'
import { root } from './tools/run-tool.ts'

export const lifecyclePage = 'docs/run-lifecycle.md'
const law = 'libs/domain/src/run-state.ts'

/** The page with the figure that the code below a folder asks for; its words stay as they are. */
export async function renderLifecycle(from: string): Promise<string> {
  const { moves } = (await import(pathToFileURL(join(from, law)).href)) as { moves: Moves }
  return replaceFigure(readPage(from, lifecyclePage), drawMoves(moves))
}

if (import.meta.main) {
  await keepPage(root, lifecyclePage, 'scripts/lifecycle-docs.ts', () => renderLifecycle(root))
}
