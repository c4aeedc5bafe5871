/**
 * Ends a process politely, then less so: SIGINT (for Postgres: roll back, flush, exit), after 3 s SIGQUIT (exit now and
 * recover at the next start), a second later SIGKILL. Before each signal the process is identified again, so that the
 * signal cannot reach a stranger who got the same id meanwhile.
 */
import { EmbeddedError, reasonOf } from './embedded-error.ts'
import { isAlive, type ProcessIdentity } from './process-identity.ts'
import { until } from './until.ts'

const steps: ReadonlyArray<readonly [signal: NodeJS.Signals, graceMs: number]> = [
  ['SIGINT', 3_000],
  ['SIGQUIT', 1_000],
  ['SIGKILL', 5_000],
]

/** Stops this process and returns once it is gone. */
export async function stopProcess(identity: ProcessIdentity): Promise<void> {
  for (const [signal, graceMs] of steps) {
    if (!isAlive(identity)) return
    sendSignal(identity, signal)
    if (await until(() => !isAlive(identity), graceMs)) return
  }
  throw new EmbeddedError(
    `process ${identity.pid} (${identity.command}) does not end, even by SIGKILL: end it by hand`,
  )
}

function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    process.kill(identity.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
    const what = `process ${identity.pid} (${identity.command}) cannot be stopped: ${reasonOf(error)}`
    throw new EmbeddedError(`${what}; stop it as the user who started it`, { cause: error })
  }
}
