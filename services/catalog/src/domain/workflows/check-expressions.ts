// Whether the expressions of a workflow can be evaluated where they stand: that they are expressions, rest on names that are known there,
// and read the outcomes only of steps that have come before, for no other's would be there.

import type { NameUse } from '@strait/domain/cel/find-uses'
import { expressionsOf } from '@strait/domain/payload-template'
import type { Say } from '../jobs/job-input.ts'
import { quoteShort } from '../text-rules.ts'
import { MAX_EXPRESSIONS, MAX_EXPRESSIONS_LENGTH, type Readings } from './readings.ts'

/** An expression or a template of a step. */
export interface NotedText {
  readonly kind: 'expression' | 'template'
  readonly field: string
  readonly text: string
  /** The names that it may rest on, besides `steps`. */
  readonly names: ReadonlySet<string>
  /** The place of its step. */
  readonly place: number
}

/** What the graph says of the steps. */
export interface Graph {
  readonly places: ReadonlyMap<string, number>
  readonly comesBefore: (one: number, step: number) => boolean
}

/** Checks what the steps of a workflow noted. */
export function checkExpressions(
  noted: readonly NotedText[],
  readings: Readings,
  graph: Graph,
  say: Say,
): void {
  let tooLong = false
  let count = 0
  const check = (note: NotedText, text: string, where: string) => {
    count += 1
    if (count > MAX_EXPRESSIONS) return
    const read = readings.expression(text)
    if (read === undefined) tooLong = true
    else if (!read.ok) for (const problem of read.problems) say(note.field, `${where}${problem}`)
    else {
      for (const use of read.names)
        if (!note.names.has(use.name)) say(note.field, `${where}${unknownName(use, note.names)}`)
      for (const use of read.steps) {
        const problem = stepProblem(use, note.place, graph)
        if (problem !== undefined) say(note.field, `${where}${problem}`)
      }
    }
  }
  for (const note of noted) {
    if (note.kind === 'expression') {
      check(note, note.text, '')
      continue
    }
    const template = readings.template(note.text)
    if (!template.ok) {
      for (const { path, description } of template.problems) say(note.field, `${whereIn(path)}${description}`)
      continue
    }
    for (const { path, expression } of expressionsOf(template.pieces)) check(note, expression, whereIn(path))
  }
  if (count > MAX_EXPRESSIONS) say('steps', `must have at most ${MAX_EXPRESSIONS} expressions together`)
  if (tooLong)
    say('steps', `must have at most ${MAX_EXPRESSIONS_LENGTH} characters in all their expressions together`)
}

function stepProblem(
  { name, at }: NameUse,
  place: number,
  { places, comesBefore }: Graph,
): string | undefined {
  const one = places.get(name)
  const reads = `reads steps.${name.slice(0, 64)} at character ${at}`
  if (one === undefined) return `${reads}, and there is no such step`
  if (one === place) return `${reads}, which is the step itself`
  return comesBefore(one, place) ? undefined : `${reads}, which does not come before the step: depend on it`
}

function unknownName({ name, at }: NameUse, known: ReadonlySet<string>): string {
  return `rests on the unknown name ${quoteShort(name)} at character ${at}; known are ${[...known, 'steps'].join(', ')}`
}

function whereIn(path: string): string {
  return path === '' ? '' : `at ${path}: `
}
