// One call: the handler undici drives, and the one place where a call ends.
//
// Invariants: `settle` runs once, whoever comes first (the answer, the deadline, the caller's signal, an
// error, a close), and from then on nothing is written for it; the request is written at most once; what is
// kept of an answer is at most maxResponseBytes (twice that for a moment while the buffer grows), however
// many chunks it comes in. A call that did not end with a whole answer takes its connection with it.
import type { Dispatcher } from 'undici'
import type { Connection } from './connection.ts'
import {
  describeError,
  type EgressErrorClass,
  type EgressRequest,
  type EgressResult,
} from './egress-result.ts'
import type { Waiter } from './wait-line.ts'

/** Who gave the call its connection; told when it ended. */
export interface CallOwner {
  readonly maxResponseBytes: number
  /** `whole`: the answer was read to its end, so the connection may serve another call. */
  callEnded(call: Call, whole: boolean): void
}

const noBody = Buffer.alloc(0)
// setTimeout fires at once above this.
const maxTimerMs = 2 ** 31 - 1

export class Call implements Dispatcher.DispatchHandler, Waiter {
  readonly result: Promise<EgressResult>
  readonly options: Dispatcher.DispatchOptions
  /** The owner's: null while the call waits for one. */
  connection: Connection | null = null
  /** The line's, while it waits. */
  before: Waiter | null = null
  after: Waiter | null = null
  readonly #request: EgressRequest
  readonly #owner: CallOwner
  readonly #timer: NodeJS.Timeout
  #resolve: ((result: EgressResult) => void) | null = null
  #done = false
  #sentAt = 0
  #status = 0
  #headers: Record<string, string> = {}
  #body: Buffer = noBody
  #size = 0

  constructor(request: EgressRequest, options: Dispatcher.DispatchOptions, owner: CallOwner) {
    this.result = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.options = options
    this.#request = request
    this.#owner = owner
    this.#timer = setTimeout(onDeadline, Math.min(request.timeoutMs, maxTimerMs), this)
    request.signal?.addEventListener('abort', this)
  }

  /** Ends the call with an error, if it has not ended yet. */
  fail(errorClass: EgressErrorClass, message: string): void {
    this.#settle({ kind: 'error', class: errorClass, message, sent: this.#sentAt !== 0 }, false)
  }

  /** The deadline passed. */
  expire(): void {
    this.fail('timeout', `no complete answer within ${this.#request.timeoutMs} ms`)
  }

  /** The caller's signal: a listener object costs less than a closure for each call. */
  handleEvent(): void {
    this.fail('aborted', 'the call was aborted')
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // A request comes here a second time only if something below chose to send it again.
    if (this.#sentAt !== 0) this.fail('network', 'the connection was lost')
    else if (!this.#done && this.#request.beforeSend?.() === false) this.#settle({ kind: 'not_sent' }, false)
    // This, not the closing of the socket, is what keeps the request from being written.
    if (this.#done) {
      controller.abort(givenUp)
      return
    }
    this.#sentAt = Date.now()
    this.connection?.requestStarts()
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    // An announcement (102, 103) comes here too; the answer itself overwrites it.
    this.#status = status
    this.#headers = joinRepeated(headers)
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#done) return
    const room = this.#owner.maxResponseBytes - this.#size
    this.#append(chunk.length > room ? chunk.subarray(0, room) : chunk)
    if (chunk.length > room) this.#answer(true)
  }

  onResponseEnd(): void {
    this.#answer(false)
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    const { errorClass, message } = describeError(error)
    this.fail(errorClass, message)
  }

  #answer(truncated: boolean): void {
    const body = this.#body.subarray(0, this.#size)
    const response = { status: this.#status, headers: this.#headers, body, truncated, sentAt: this.#sentAt }
    this.#settle({ kind: 'response', ...response }, !truncated)
  }

  #settle(result: EgressResult, whole: boolean): void {
    if (this.#done) return
    this.#done = true
    clearTimeout(this.#timer)
    this.#request.signal?.removeEventListener('abort', this)
    this.#body = noBody
    this.#owner.callEnded(this, whole)
    this.#resolve?.(result)
  }

  // The first chunk, often the whole answer, is kept as it is. More are copied together: kept one by one,
  // a million one-byte chunks would weigh a hundred times the answer. The buffer doubles rather than trust
  // a Content-Length, which costs the endpoint nothing to overstate.
  #append(chunk: Buffer): void {
    if (this.#size === 0) {
      this.#body = chunk
    } else {
      const needed = this.#size + chunk.length
      if (needed > this.#body.length) {
        const grown = Buffer.allocUnsafeSlow(
          Math.min(this.#owner.maxResponseBytes, Math.max(needed, this.#body.length * 2)),
        )
        this.#body.copy(grown, 0, 0, this.#size)
        this.#body = grown
      }
      chunk.copy(this.#body, this.#size)
    }
    this.#size += chunk.length
  }
}

type ResponseHeaders = Record<string, string | string[] | undefined>

const givenUp = new Error('given up')

function onDeadline(call: Call): void {
  call.expire()
}

function joinRepeated(headers: ResponseHeaders): Record<string, string> {
  for (const name in headers) {
    const value = headers[name]
    if (typeof value !== 'string') headers[name] = value?.join(', ')
  }
  return headers as Record<string, string>
}
