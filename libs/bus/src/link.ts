// The one connection to NATS, kept up for as long as the process lives.
//
// NATS only carries news, so nobody waits for it: a service starts without it, and here it is tried again for ever.
// The client reconnects by itself once it was connected; before that, and should it ever give up, the loop below makes
// a new one. Whoever needs the connection asks for the current one and does without when there is none.

import type { NatsConnection } from '@nats-io/transport-node'
import { connect } from '@nats-io/transport-node'
import { callSafely, createListeners } from './listeners.ts'
import type { Log } from './log.ts'
import { readServerUrls } from './read-server-urls.ts'
import { pause, within } from './within.ts'

export interface LinkOptions {
  /** One address, or several with commas between. */
  readonly url: string
  /** The name the server shows for this connection. */
  readonly name: string
  readonly token?: string | undefined
  readonly log: Log
}

export interface Link {
  /** Starts connecting, and answers after the first attempt, however it ended. */
  open(): Promise<void>
  /** The client while it is connected. */
  current(): NatsConnection | undefined
  /** Calls `fn` whenever the connection is there: at once if it is, and at every reconnect. */
  onUp(fn: (client: NatsConnection) => unknown): () => void
  /** Calls `fn` whenever the connection is lost. */
  onDown(fn: () => unknown): () => void
  /** Sends what is under way and ends the connection, within two seconds. */
  close(): Promise<void>
}

const dialTimeoutMs = 2_000
const redialMs = 500
const redialJitterMs = 250
const pingMs = 10_000
const drainMs = 1_200
const closeMs = 300

/** A connection that begins when it is opened. */
export function createLink({ url, name, token, log }: LinkOptions): Link {
  const addresses = readServerUrls(url)
  const { servers } = addresses
  const up = createListeners<[NatsConnection]>(log)
  const down = createListeners<[]>(log)
  const closing = new AbortController()
  let client: NatsConnection | undefined
  let isUp = false
  let lastProblem = ''

  function goUp(): void {
    if (isUp || client === undefined) return
    isUp = true
    lastProblem = ''
    log.info({ server: client.getServer() }, 'connected to NATS')
    up.call(client)
  }

  function goDown(): void {
    if (!isUp) return
    isUp = false
    if (!closing.signal.aborted) log.warn({ servers }, 'lost NATS, going on without it')
    down.call()
  }

  // The same trouble comes back at every attempt; it is worth one line.
  function tell(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error)
    if (problem === lastProblem || closing.signal.aborted) return
    lastProblem = problem
    log.warn({ servers, problem }, 'trouble with NATS, going on without it')
  }

  async function dial(): Promise<void> {
    try {
      client = await connect({
        ...addresses,
        ...(token !== undefined && { token }),
        name,
        timeout: dialTimeoutMs,
        maxReconnectAttempts: -1,
        reconnectTimeWait: redialMs,
        reconnectJitter: redialJitterMs,
        ignoreAuthErrorAbort: true,
        pingInterval: pingMs,
        noAsyncTraces: true,
      })
      if (closing.signal.aborted) void client.close()
      else goUp()
    } catch (error) {
      tell(error)
    }
  }

  // Ends when this client is of no more use: it is closed, or it is stuck. Before it redials, the client waits for the
  // bytes it wrote to the dead connection to leave; if they cannot, it waits for ever and is left behind.
  async function watch(opened: NatsConnection): Promise<void> {
    const stuck = Promise.withResolvers<void>()
    let timer: NodeJS.Timeout | undefined
    const follow = async () => {
      for await (const status of opened.status()) {
        if (client !== opened) return
        if (status.type === 'disconnect' || status.type === 'staleConnection') goDown()
        if (status.type === 'disconnect') clearTimeout(timer)
        if (status.type === 'staleConnection') timer = setTimeout(stuck.resolve, dialTimeoutMs)
        if (status.type === 'reconnect') goUp()
        if (status.type === 'error') tell(status.error)
      }
    }
    await Promise.race([follow(), stuck.promise])
    clearTimeout(timer)
  }

  async function keepUp(): Promise<void> {
    while (!closing.signal.aborted) {
      if (client === undefined) {
        await pause(redialMs + Math.random() * redialJitterMs, closing.signal)
        if (!closing.signal.aborted) await dial()
      } else {
        await watch(client)
        goDown()
        if (!closing.signal.aborted) void client.close()
        client = undefined
      }
    }
  }

  let opening: Promise<void> | undefined
  let keptUp: Promise<void> | undefined

  return {
    open() {
      opening ??= dial().then(() => {
        keptUp = keepUp()
      })
      return opening
    },
    current: () => (isUp ? client : undefined),
    onUp(fn) {
      const opened = client
      if (isUp && opened !== undefined) callSafely(log, () => fn(opened))
      return up.add(fn)
    },
    onDown: down.add,
    close: async () => {
      closing.abort()
      if (client !== undefined) {
        if (isUp) await within(drainMs, client.drain())
        if (client !== undefined) await within(closeMs, client.close())
      }
      if (keptUp !== undefined) await within(closeMs, keptUp)
    },
  }
}
