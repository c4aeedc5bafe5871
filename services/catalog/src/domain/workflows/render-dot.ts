// A workflow as Graphviz' DOT. Every text that people chose stands between double quotes, in which DOT knows two marks, the quote and the
// backslash; what it draws knows a third, the ampersand, which begins a character by its name.

import { edgesOf, sayWork } from './edges-of.ts'
import type { StepWork, WorkflowConfig } from './workflow.ts'

/** Draws a workflow. A step with a condition is reached by dashed lines. */
export function renderDot({ name, steps }: Pick<WorkflowConfig, 'name' | 'steps'>): string {
  const nodes = steps.map(({ ref, does }, place) => {
    const label = `${quoteText(ref)}\\n${quoteText(sayWork(does))}`
    return `  s${place} [label="${label}", shape=${shapes[does.kind]}];`
  })
  const lines = edgesOf(steps).map(([from, to]) => {
    const style = steps[to]?.condition === undefined ? '' : ' [style=dashed]'
    return `  s${from} -> s${to}${style};`
  })
  return ['digraph {', `  label="${quoteText(name)}";`, ...nodes, ...lines, '}', ''].join('\n')
}

const shapes: Readonly<Record<StepWork['kind'], string>> = {
  job: 'box',
  approval: 'hexagon',
  waitForEvent: 'cds',
  sleep: 'ellipse',
  subWorkflow: 'box3d',
  forEach: 'parallelogram',
}

function quoteText(text: string): string {
  return text
    .replace(/["\\]/g, (mark) => `\\${mark}`)
    .replaceAll('&', '&amp;')
    .replace(/[\r\n]/g, ' ')
}
