// Judges schemas and checks payloads without ever holding up the process that asks: all of it is done in a thread with a
// heap and a time of its own, one question after the other. A question that takes too long or too much ends with its
// thread, and the next one gets a new thread; the ones behind it wait meanwhile, and so many may.
//
//   check ──▶ waiting ──▶ thread ──▶ answer
//                           ╳ time or heap is up: the thread ends, the question is TOO_COSTLY, a new thread goes on
//
// Nothing is lost with a thread but what it had compiled. Its time counts from the moment it was ready: a slow start of a
// thread on a busy machine is nobody's fault.
import { Worker } from 'node:worker_threads'
import type { CheckOutcome, CheckRequest, ThreadMessage } from './checker-messages.ts'

/** A schema, and a payload that shall fit it; both JSON texts. Without a payload only the schema is judged. */
export type SchemaQuestion = { readonly schema: string; readonly value?: string | undefined }

/** What came of it; a question that is too costly, or one too many, has no answer. */
export type SchemaCheck = CheckOutcome | { readonly ok: false; readonly reason: 'TOO_COSTLY' | 'BUSY' }

export type SchemaCheckerOptions = {
  /** How long one question may take. */
  readonly timeoutMs?: number
  /** How large the thread's heap may grow, in MiB. */
  readonly heapMib?: number
  /** How many questions may wait; one more is answered BUSY at once. */
  readonly maxWaiting?: number
  /** Told of a thread that broke, which is a fault of ours; not of one that used its memory up. */
  readonly onBroken?: (err: unknown) => void
}

/** Starts and stops like every part; the thread itself starts with the first question. */
export interface SchemaChecker {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
  check(question: SchemaQuestion): Promise<SchemaCheck>
}

type Waiting = SchemaQuestion & { readonly answer: (check: SchemaCheck) => void }
type Current = Waiting & { readonly id: number; timer: NodeJS.Timeout | undefined }

const threadFile = new URL('./schema-thread.ts', import.meta.url)

/** Makes a checker. */
export function createSchemaChecker(options: SchemaCheckerOptions = {}): SchemaChecker {
  const { timeoutMs = 2_000, heapMib = 128, maxWaiting = 256, onBroken } = options
  const waiting: Waiting[] = []
  const ending = new Set<Promise<unknown>>()
  let thread: { readonly worker: Worker; isReady: boolean } | undefined
  let current: Current | undefined
  let isStopped = false
  let lastId = 0

  function next(): void {
    if (current === undefined) {
      const first = waiting.shift()
      if (first === undefined) return
      lastId += 1
      current = { ...first, id: lastId, timer: undefined }
    }
    if (thread === undefined) {
      startThread()
      return
    }
    if (!thread.isReady || current.timer !== undefined) return
    const { id, schema, value } = current
    current.timer = setTimeout(replaceThread, timeoutMs)
    thread.worker.postMessage({ id, schema, value } satisfies CheckRequest)
  }

  function startThread(): void {
    const resourceLimits = { maxOldGenerationSizeMb: heapMib, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 }
    const worker = new Worker(threadFile, { resourceLimits, env: {}, execArgv: [], stdin: false })
    const mine = { worker, isReady: false }
    thread = mine
    worker.on('message', (message: ThreadMessage) => thread === mine && heard(message))
    // Its heap is used up, or it broke: either way it is gone.
    worker.on('error', (err: unknown) => {
      if (!isOutOfMemory(err)) onBroken?.(err)
      if (thread === mine) replaceThread()
    })
    worker.on('exit', () => thread === mine && replaceThread())
  }

  function heard(message: ThreadMessage): void {
    if (message.kind === 'ready') {
      if (thread !== undefined) thread.isReady = true
      next()
    } else if (message.id === current?.id) settle(message.outcome)
  }

  /** Ends the thread with the question it is at. */
  function replaceThread(): void {
    const worker = thread?.worker
    thread = undefined
    if (worker !== undefined) end(worker)
    settle({ ok: false, reason: 'TOO_COSTLY' })
  }

  function settle(check: SchemaCheck): void {
    const settled = current
    current = undefined
    clearTimeout(settled?.timer)
    settled?.answer(check)
    if (!isStopped) next()
  }

  function end(worker: Worker): void {
    const ended = worker.terminate().finally(() => ending.delete(ended))
    ending.add(ended)
  }

  return {
    name: 'schema-checker',
    async start() {
      isStopped = false
    },
    async stop() {
      isStopped = true
      for (const { answer } of waiting.splice(0)) answer({ ok: false, reason: 'BUSY' })
      const worker = thread?.worker
      thread = undefined
      if (worker !== undefined) end(worker)
      if (current !== undefined) settle({ ok: false, reason: 'BUSY' })
      await Promise.all(ending)
    },
    check(question) {
      if (isStopped || waiting.length >= maxWaiting) return Promise.resolve({ ok: false, reason: 'BUSY' })
      return new Promise((answer) => {
        waiting.push({ ...question, answer })
        next()
      })
    },
  }
}

function isOutOfMemory(err: unknown): boolean {
  return err instanceof Error && 'code' in err && err.code === 'ERR_WORKER_OUT_OF_MEMORY'
}
