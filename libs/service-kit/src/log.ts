import { pino } from 'pino'

/** What code may say: an object with ids first, then one fixed sentence. Never payloads, secrets or webhook bodies. */
export interface Log {
  debug(about: object, sentence: string): void
  info(about: object, sentence: string): void
  warn(about: object, sentence: string): void
  error(about: object, sentence: string): void
}

/** Levels from most to least talkative. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** A log that writes one JSON line per sentence to standard error, or to a file. */
export function createLog(service: string, level: LogLevel, file?: string): Log {
  return pino(
    {
      base: { service },
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (err: unknown) => describeError(err) },
    },
    pino.destination({ dest: file ?? 2, sync: true }),
  )
}

/**
 * What a log shows of an error, and of its causes, at most five deep. Other properties are left out on purpose: Postgres puts
 * whole rows into `detail`, HTTP clients bodies into theirs.
 */
export function describeError(err: unknown, depth = 5): unknown {
  if (!(err instanceof Error)) return typeof err === 'object' ? 'something that is not an error' : err
  const code = 'code' in err ? { code: err.code } : {}
  const deeper = (inner: unknown) => describeError(inner, depth - 1)
  const cause = err.cause === undefined || depth <= 1 ? {} : { cause: deeper(err.cause) }
  const errors = err instanceof AggregateError && depth > 1 ? { errors: err.errors.map(deeper) } : {}
  return { type: err.name, message: err.message, ...code, stack: err.stack, ...cause, ...errors }
}
