// A workflow as Mermaid's flowchart. Steps are drawn under ids of their own, s0, s1 …, because a ref may be a word of Mermaid (`end`), and
// every text that people chose stands between quotes with everything but letters, digits and plain marks written as its number.

import { edgesOf, sayWork } from './edges-of.ts'
import type { StepWork, WorkflowConfig } from './workflow.ts'

/** Draws a workflow. A step with a condition is reached by dotted lines. */
export function renderMermaid({ name, steps }: Pick<WorkflowConfig, 'name' | 'steps'>): string {
  const nodes = steps.map(({ ref, does }, place) => {
    const [opens, closes] = shapes[does.kind]
    return `  s${place}${opens}"${quoteText(ref)}<br/>${quoteText(sayWork(does))}"${closes}`
  })
  const lines = edgesOf(steps).map(([from, to]) => {
    const line = steps[to]?.condition === undefined ? '-->' : '-.->'
    return `  s${from} ${line} s${to}`
  })
  return ['---', `title: "${escapeTitle(name)}"`, '---', 'flowchart TD', ...nodes, ...lines, ''].join('\n')
}

const shapes: Readonly<Record<StepWork['kind'], readonly [string, string]>> = {
  job: ['[', ']'],
  approval: ['{{', '}}'],
  waitForEvent: ['>', ']'],
  sleep: ['([', '])'],
  subWorkflow: ['[[', ']]'],
  forEach: ['[/', '/]'],
}

function quoteText(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:_-]/gu, (char) => `#${char.codePointAt(0)};`)
}

/** The title is YAML: a string in double quotes, in which every other character is written as an escape. */
function escapeTitle(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:_()/+-]/gu, (char) => {
    const code = (char.codePointAt(0) ?? 0).toString(16)
    return `\\U${code.padStart(8, '0')}`
  })
}
