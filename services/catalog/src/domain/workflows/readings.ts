// Expressions and templates of a workflow as they were read. Reading takes time, and what comes of it depends on the text alone: so
// whoever must not be held up reads them piece by piece beforehand, and the check only looks up what came of it.

import { type ReadExpression, readExpression } from '@strait/domain/cel/read-expression'
import { expressionsOf, type ReadTemplate, readPayloadTemplate } from '@strait/domain/payload-template'
import type { JobCallInput, WorkflowInput } from './workflow-input.ts'

/** Of the characters of all expressions of a workflow together, equal ones counted once. The slowest take the parser 1.3 seconds. */
export const MAX_EXPRESSIONS_LENGTH = 131_072

/** Of all expressions of a workflow, each counted wherever it stands. */
export const MAX_EXPRESSIONS = 10_000

/** What came of reading the texts of a workflow. */
export interface Readings {
  readonly template: (text: string) => ReadTemplate
  /** Undefined for one that was not read, because all together are too long. */
  readonly expression: (text: string) => ReadExpression | undefined
}

/** Reads what is asked for when it is asked for. */
export const readAtOnce: Readings = { template: readPayloadTemplate, expression: readExpression }

/** Reads every text of a workflow, one with each turn, for a caller that lets others work between two turns. */
export function* readTexts({ steps = [] }: WorkflowInput): Generator<void, Readings> {
  const templates = new Map<string, ReadTemplate>()
  const expressions = new Map<string, ReadExpression>()
  let length = 0
  function* read(text: string | undefined) {
    if (text === undefined || expressions.has(text)) return
    length += text.length
    if (length > MAX_EXPRESSIONS_LENGTH) return
    expressions.set(text, readExpression(text))
    yield
  }
  function* readTemplate(text: string | undefined) {
    if (text === undefined || templates.has(text)) return
    const template = readPayloadTemplate(text)
    templates.set(text, template)
    yield
    if (!template.ok) return
    for (const { expression } of expressionsOf(template.pieces)) yield* read(expression)
  }
  function* readCall(call: JobCallInput | undefined) {
    yield* read(call?.concurrencyKey)
    yield* readTemplate(call?.payload)
  }
  for (const { condition, does } of steps.slice(0, maxStepsRead)) {
    yield* read(condition)
    if (does?.kind === 'job') yield* readCall(does)
    if (does?.kind === 'subWorkflow') yield* readTemplate(does.payload)
    if (does?.kind !== 'forEach') continue
    yield* read(does.items)
    yield* readCall(does.job)
  }
  return {
    template: (text) => templates.get(text) ?? readPayloadTemplate(text),
    expression: (text) => expressions.get(text),
  }
}

// What lies behind is not checked either.
const maxStepsRead = 1_000
