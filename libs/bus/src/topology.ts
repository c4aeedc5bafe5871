// The streams of NATS as data. They hold news for a while, not facts: limits retention, the oldest goes first.
//
// They are made or brought into line at start, after every reconnect (the store may be another) and whenever somebody
// finds one missing. Then they are read back and compared, because a nats-server older than a setting drops it silently.

import { isDeepStrictEqual } from 'node:util'
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream'
import {
  DiscardPolicy,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { streamNames, subjects } from '@strait/contracts/subjects'
import type { Bus } from './connect-bus.ts'
import { isStreamMissing } from './is-stream-missing.ts'
import type { Log } from './log.ts'

export type StreamSettings = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>

const mebibyte = 2 ** 20

const limits = {
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.Old,
  max_msg_size: mebibyte,
  num_replicas: 1,
} as const

/** Every stream there is. */
export const streams: readonly StreamSettings[] = [
  // What happened, one message for each write batch, for the services that follow.
  {
    ...limits,
    name: streamNames.feed,
    subjects: ['strait.feed.>'],
    max_age: nanos(3_600_000),
    max_bytes: 1024 * mebibyte,
  },
  // What is due, from the scheduler to whichever dispatcher takes it. What stays untaken is sent another way soon.
  {
    ...limits,
    name: streamNames.due,
    subjects: [subjects.due],
    max_age: nanos(600_000),
    max_bytes: 256 * mebibyte,
  },
]

export interface TopologyOptions {
  readonly log: Log
  readonly streams?: readonly StreamSettings[]
  /** Told each setting that the server did not take. */
  readonly onSettingLost?: (stream: string, setting: string) => void
}

const againMs = 500
const againMaxMs = 5_000

/**
 * Makes the streams, or brings them into line, now and whenever they may be gone; answers after the first try, however
 * it ended. Without NATS it answers at once.
 */
export async function ensureTopology(bus: Bus, options: TopologyOptions): Promise<void> {
  const { log, streams: wanted = streams, onSettingLost } = options
  let running: Promise<void> | undefined
  let failures = 0

  function ensureSoon(): void {
    running ??= ensureAll().finally(() => {
      running = undefined
    })
  }

  async function ensureAll(): Promise<void> {
    const connection = bus.connection()
    if (connection === undefined) return
    try {
      const manager = await jetstreamManager(connection, { checkAPI: false })
      for (const settings of wanted) {
        for (const setting of await ensureStream(manager, settings)) {
          log.warn({ stream: settings.name, setting }, 'the nats-server did not take a setting of a stream')
          onSettingLost?.(settings.name, setting)
        }
      }
      failures = 0
    } catch (error) {
      if (failures === 0) log.warn({ err: error }, 'cannot make the streams, trying again')
      setTimeout(ensureSoon, Math.min(againMs * 2 ** failures++, againMaxMs)).unref()
    }
  }

  bus.onConnect(ensureSoon)
  bus.onStreamMissing(ensureSoon)
  await running
}

// Answers the settings that the server did not take.
async function ensureStream(manager: JetStreamManager, settings: StreamSettings): Promise<readonly string[]> {
  const { name } = settings
  const found = await findStream(manager, name)
  if (found === undefined) await addStream(manager, settings)
  else if (differences(settings, found).length > 0) {
    // Some settings cannot be changed later; the comparison below tells.
    await manager.streams.update(name, settings).catch(rethrowUnlessRefused)
  }
  return differences(settings, (await manager.streams.info(name)).config)
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config
  } catch (error) {
    if (isStreamMissing(error) && error instanceof JetStreamApiError) return undefined
    throw error
  }
}

const noRoom = 10047
const leastBytes = 16 * mebibyte

// The server reserves max_bytes; on a small disk a smaller stream is better than none.
async function addStream(manager: JetStreamManager, settings: StreamSettings): Promise<void> {
  for (let bytes = settings.max_bytes; ; bytes = bytes && bytes / 2) {
    try {
      await manager.streams.add({ ...settings, max_bytes: bytes })
      return
    } catch (error) {
      const mayShrink = bytes !== undefined && bytes / 2 >= leastBytes
      if (!mayShrink || !(error instanceof JetStreamApiError) || error.code !== noRoom) throw error
    }
  }
}

function differences(settings: StreamSettings, config: StreamConfig): readonly string[] {
  const found = new Map<string, unknown>(Object.entries(config))
  return Object.entries(settings)
    .filter(([setting, value]) => !isDeepStrictEqual(found.get(setting), value))
    .map(([setting]) => setting)
}

function rethrowUnlessRefused(error: unknown): void {
  if (!(error instanceof JetStreamApiError)) throw error
}
