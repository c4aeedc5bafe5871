import { startTestNats, type TestNats } from '@strait/testkit/test-nats'
import { afterEach } from 'vitest'
import { type Bus, connectBus } from '../src/connect-bus.ts'
import type { Log } from '../src/log.ts'

export interface RecordingLog extends Log {
  readonly lines: {
    readonly level: 'info' | 'warn' | 'error'
    readonly details: object
    readonly message: string
  }[]
}

/** A log that keeps what it was told. */
export function createRecordingLog(): RecordingLog {
  const lines: RecordingLog['lines'] = []
  const write = (level: 'info' | 'warn' | 'error') => (details: object, message: string) => {
    lines.push({ level, details, message })
  }
  return { lines, info: write('info'), warn: write('warn'), error: write('error') }
}

const opened: (() => Promise<unknown>)[] = []

/** Remembers what a test has to end, the last opened first. */
export function atEnd(end: () => Promise<unknown>): void {
  opened.push(end)
}

afterEach(async () => {
  for (const end of opened.splice(0).reverse()) await end()
})

/** A nats-server for one test. */
export async function aServer(): Promise<TestNats> {
  const nats = await startTestNats()
  atEnd(nats.stop)
  return nats
}

/** A bus for one test, closed at its end. */
export async function aBus(url: string, log = createRecordingLog()): Promise<Bus & { log: RecordingLog }> {
  const bus = await connectBus({ url, name: 'test', log })
  atEnd(bus.close)
  return { ...bus, log }
}

export const bytesOf = (text: string) => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
