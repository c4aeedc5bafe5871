// Questions to the catalog: those that meet are asked together, and equal ones that have not left yet are one.
//
// A question always begins after it was submitted, so its answer is at least as new as whatever made the caller ask. That is what news and
// `minVersion` rest on; an answer that is already on its way is no use to them.

import { Code, ConnectError } from '@connectrpc/connect'
import { createGroupCommit, TooMuchError } from '@strait/postgres/group-commit'
import { Refusal } from '@strait/service-kit/refusal'

export interface AskOptions<Q, A> {
  readonly keyOf: (question: Q) => string
  /** Asks for a batch of different questions; answers in their order. */
  readonly ask: (questions: readonly Q[]) => Promise<readonly A[]>
  readonly maxItems?: number
}

const maxWaiting = 20_000

/** Makes a way to ask one question at a time of somebody who is asked many at once. */
export function createAsk<Q, A>({
  keyOf,
  ask,
  maxItems = 500,
}: AskOptions<Q, A>): (question: Q) => Promise<A> {
  const waiting = new Map<string, Promise<A>>()
  const together = createGroupCommit<Q, A>({
    maxItems,
    maxWaiting,
    sizeOf: () => 1,
    flush(questions) {
      for (const question of questions) waiting.delete(keyOf(question))
      return inHalves(questions, ask)
    },
  })
  return (question) => {
    const key = keyOf(question)
    const asked = waiting.get(key) ?? together.submit(question).catch(refuse)
    waiting.set(key, asked)
    // One that was not even taken is asked anew by the next caller.
    asked.catch(() => waiting.get(key) === asked && waiting.delete(key))
    return asked
  }
}

// The catalog refuses a question whose answer would be too large; each half of it is smaller.
async function inHalves<Q, A>(
  questions: readonly Q[],
  ask: (questions: readonly Q[]) => Promise<readonly A[]>,
): Promise<readonly A[]> {
  try {
    return await ask(questions)
  } catch (error) {
    const isTooLarge = error instanceof ConnectError && error.code === Code.ResourceExhausted
    if (!isTooLarge || questions.length === 1) throw error
    const half = questions.length >> 1
    return [
      ...(await inHalves(questions.slice(0, half), ask)),
      ...(await inHalves(questions.slice(half), ask)),
    ]
  }
}

function refuse(cause: unknown): never {
  if (cause instanceof TooMuchError)
    throw new Refusal('OVERLOADED', 'too much is being asked of the catalog, try again', { cause })
  throw new Refusal('UNAVAILABLE', 'the catalog cannot be asked right now, try again', { cause })
}
