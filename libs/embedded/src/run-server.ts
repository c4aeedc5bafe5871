/**
 * The life of one server process on one data folder.
 *
 * Invariant: the folder is locked for as long as this process may have a server on it, so whoever holds the lock may stop
 * any server it finds there. The server gets its own process group, so that a terminal's Ctrl-C reaches only us and the
 * services can stop before their database; and it writes its log to a file, so that it does not hang on a pipe to us.
 *
 * Killed at the worst moment: before the record is written, the server is found by its command line; after that, by its
 * record too. The lock ends with us, and the next start stops what it finds.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedError } from './embedded-error.ts'
import { lockFolder } from './folder-lock.ts'
import { freePort } from './free-port.ts'
import { type Exit, type LaunchedServer, launchServer } from './launch-server.ts'
import type { Command } from './postgres-account.ts'
import { lastLines } from './run-command.ts'
import { stopOrphans } from './stop-orphans.ts'
import { until } from './until.ts'

export interface ServerOptions {
  /** The server's own folder. Its lock, record, log and password lie beside it, with its name and an ending. */
  readonly dataDir: string
  /** The port on 127.0.0.1; a free one when absent. */
  readonly port?: number | undefined
  /** Told one line about each thing that takes time or is out of the ordinary. */
  readonly log?: ((line: string) => void) | undefined
  /** Gives up a start under way. */
  readonly signal?: AbortSignal | undefined
}

export interface EmbeddedServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Settles when the process is gone, whoever ended it. */
  readonly exited: Promise<Exit>
  /** Stops it in an orderly way, and by force if that takes over 3 s. */
  stop(): Promise<void>
}

export interface ServerKind extends ServerOptions {
  /** What people call it. */
  readonly label: string
  /** The name of its program, and consecutive arguments that only a server started here on this folder has. */
  readonly program: string
  readonly mark: string
  /** Makes the folder ready; called under the lock when no server runs on it. */
  prepare(): Promise<void>
  command(port: number): Command
  isReady(pid: number, port: number): boolean | Promise<boolean>
  url(port: number): string
}

const READY_TIMEOUT_MS = 60_000
const TRIES = 20
const MEMORY_IN_USE_DELAY_MS = 100

/** Runs the server, once the folder is locked and free of orphans, and returns when it answers. */
export async function runServer(kind: ServerKind): Promise<EmbeddedServer> {
  const lock = lockFolder(kind.dataDir)
  try {
    await stopOrphans(kind)
    await kind.prepare()
    const { server, port } = await launchOnSomePort(kind)
    const stop = once(async () => {
      await server.stop()
      lock.release()
    })
    const { pid, exited } = server
    return { url: kind.url(port), port, pid, exited, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** A free port may be taken by another process before the server binds it: then the next one is tried. */
async function launchOnSomePort(kind: ServerKind): Promise<{ server: LaunchedServer; port: number }> {
  for (let tried = 1; ; tried++) {
    kind.signal?.throwIfAborted()
    const port = kind.port ?? (await freePort())
    const server = await launchServer(kind, kind.command(port), port)
    const settled = () => server.hasExited() || kind.isReady(server.pid, port)
    const ready = await until(settled, READY_TIMEOUT_MS, kind.signal).catch(async (error: unknown) => {
      await server.stop()
      throw error
    })
    if (ready && !server.hasExited()) return { server, port }
    await server.stop()
    const output = readFileSync(`${kind.dataDir}.log`, 'utf8')
    const portTaken = /address already in use/i.test(output)
    if (portTaken && kind.port !== undefined) {
      throw new EmbeddedError(
        `port ${port} on 127.0.0.1 is taken: ${kind.label} cannot listen there, choose another`,
      )
    }
    // The children of a killed postmaster end by themselves, but not before it.
    const memoryInUse = output.includes('pre-existing shared memory block')
    if (!(portTaken || memoryInUse) || tried === TRIES) {
      throw new EmbeddedError(`${kind.label} does not start: ${lastLines(output)} (see ${kind.dataDir}.log)`)
    }
    if (memoryInUse) await delay(MEMORY_IN_USE_DELAY_MS)
  }
}

function once(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= action()
    return running
  }
}
