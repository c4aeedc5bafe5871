// The thread in which schemas are compiled and payloads checked, one question at a time. It may be ended at any moment,
// in the middle of a line: nothing but its answers leaves it, and it holds nothing that is not made anew by the next one.
import { parentPort } from 'node:worker_threads'
import { readValue, valueProblems } from './check-value.ts'
import type { CheckOutcome, CheckRequest, ThreadMessage } from './checker-messages.ts'
import { type Compilation, compileSchema, warmUp } from './compile-schema.ts'
import { lintSchema } from './lint-schema.ts'

/** Compiled schemas are kept while their texts together have so many characters: small ones by the hundred, large ones by the four. */
const KEPT_CHARACTERS = 1024 * 1024
const MOST_SCHEMA_PROBLEMS = 20

const kept = new Map<string, Compilation>()
let keptCharacters = 0

function compiledFor(text: string): Compilation {
  const known = kept.get(text)
  if (known !== undefined) {
    kept.delete(text)
    kept.set(text, known)
    return known
  }
  const linted = lintSchema(text)
  const made = linted.ok ? compileSchema(linted) : linted
  // What is refused is not asked for again.
  if (made.ok) keep(text, made)
  return made
}

function keep(text: string, made: Compilation): void {
  kept.set(text, made)
  keptCharacters += text.length
  for (const oldest of kept.keys()) {
    if (keptCharacters <= KEPT_CHARACTERS) break
    kept.delete(oldest)
    keptCharacters -= oldest.length
  }
}

function answer({ schema, value }: CheckRequest): CheckOutcome {
  const made = compiledFor(schema)
  if (!made.ok) {
    return { ok: false, reason: 'BAD_SCHEMA', problems: made.problems.slice(0, MOST_SCHEMA_PROBLEMS) }
  }
  if (value === undefined) return { ok: true }
  const read = readValue(value)
  const problems = 'value' in read ? valueProblems(made.validate, read.value) : [read]
  return problems.length === 0 ? { ok: true } : { ok: false, reason: 'DOES_NOT_FIT', problems }
}

/** A schema that leads back to itself without end runs out of stack before it runs out of time. */
function answerOrOverflow(request: CheckRequest): CheckOutcome {
  try {
    return answer(request)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    const problem = { rule: 'recursion', path: '', message: 'leads back to itself without end' }
    return { ok: false, reason: 'BAD_SCHEMA', problems: [problem] }
  }
}

const say = (message: ThreadMessage) => parentPort?.postMessage(message)

parentPort?.on('message', (request: CheckRequest) => {
  say({ kind: 'done', id: request.id, outcome: answerOrOverflow(request) })
})
warmUp()
say({ kind: 'ready' })
