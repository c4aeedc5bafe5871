// What every main.ts does: read the configuration, put the process together, start it, and stop it on a signal.
// The process is never ended from here while it can end by itself: when all parts have stopped, nothing keeps it alive.

import { StartError } from './listen.ts'
import { createLog, type Log, type LogLevel } from './log.ts'
import { createOpsServer } from './ops-server.ts'
import { type Part, startParts, stopParts } from './part.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'

/** What a process is put together with, besides its configuration. */
export interface ProcessContext {
  readonly log: Log
  readonly telemetry: Telemetry
}

/** What a process is made of: its living parts in the order of their start, and its door, which opens last and closes first. */
export interface ProcessParts {
  readonly parts: readonly Part[]
  readonly door: Part & { port(): number }
  /** Whether it wants traffic. */
  ready(): boolean
}

/** The settings that running a process needs. */
export interface ProcessConfig {
  readonly host: string
  readonly opsPort: number
  readonly logLevel: LogLevel
  readonly hardStopSecs: number
}

/** What is run. */
export interface ProcessOptions<C extends ProcessConfig> {
  readonly name: string
  readonly config:
    | { readonly ok: true; readonly values: C }
    | { readonly ok: false; readonly problems: readonly string[] }
  readonly create: (config: C, context: ProcessContext) => ProcessParts
}

/** Runs a process from its start to its end. */
export async function runProcess<C extends ProcessConfig>(options: ProcessOptions<C>): Promise<void> {
  const { name, config } = options
  const say = (sentence: string) => process.stderr.write(`${name}: ${sentence}\n`)
  if (!config.ok) {
    for (const problem of config.problems) say(problem)
    process.exitCode = 1
    return
  }
  const { host, opsPort, logLevel, hardStopSecs } = config.values
  const log = createLog(name, logLevel)
  const telemetry = createTelemetry()
  const stopping = new AbortController()
  let parts: readonly Part[] = []
  const stopped = onStopSignal(hardStopSecs, (signal) => {
    log.info({ signal }, 'stopping')
    stopping.abort()
  })
  try {
    const made = options.create(config.values, { log, telemetry })
    const ready = () => !stopping.signal.aborted && made.ready()
    const ops = createOpsServer({ host, port: opsPort, telemetry, ready })
    parts = [ops, ...made.parts, made.door]
    await startParts(parts, stopping.signal)
    log.info({ port: made.door.port(), ops_port: ops.port() }, 'started')
    await stopped
  } catch (err) {
    // A start that a stop signal broke off did not fail.
    if (!stopping.signal.aborted) {
      process.exitCode = 1
      if (err instanceof StartError) say(err.message)
      else log.error({ err }, 'could not start')
    }
  }
  await stopParts(parts).catch((err: unknown) => log.error({ err }, 'not everything stopped cleanly'))
  await telemetry.stop().catch((err: unknown) => log.error({ err }, 'telemetry did not stop cleanly'))
  if (stopping.signal.aborted) log.info({}, 'stopped')
}

/** Resolves at the first stop signal; those after it change nothing. */
function onStopSignal(hardStopSecs: number, told: (signal: string) => void): Promise<void> {
  return new Promise((done) => {
    let first = true
    const heard = (signal: string) => {
      if (!first) return
      first = false
      // The last resort against a part that hangs; it keeps nothing alive by itself.
      setTimeout(() => process.exit(2), hardStopSecs * 1_000).unref()
      told(signal)
      done()
    }
    process.on('SIGTERM', heard)
    process.on('SIGINT', heard)
  })
}
