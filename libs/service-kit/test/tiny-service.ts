// The smallest service there can be, as a process of its own. TINY_PART says how its one part behaves.

import { createServer } from 'node:net'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { noKeys } from '../src/key-verifier.ts'
import { StartError } from '../src/listen.ts'
import { partOf } from '../src/part.ts'
import { partOfService } from '../src/rpc/rpc-service.ts'
import { runService } from '../src/run-service.ts'
import { oneOf, readSettings } from '../src/settings.ts'
import { sharedSettings } from '../src/shared-settings.ts'

const { databaseUrl: _, natsUrl: __, ...shared } = sharedSettings(0)
const settings = {
  ...shared,
  part: oneOf('TINY_PART', {
    fallback: 'good',
    words: ['good', 'mistaken', 'broken', 'slow', 'clinging', 'patient'],
    doc: 'How the part behaves.',
  }),
}

let up = false
const say = (what: string) => process.stdout.write(`${what}\n`)

process.on('SIGUSR2', () => say(`memory ${process.memoryUsage().rss}`))

await runService({
  name: 'tiny',
  config: readSettings(settings, process.env, 'TINY'),
  createApp: ({ part }) => ({
    name: 'tiny',
    services: [partOfService(JobService, { createJob: async () => ({}), getJob: async () => ({}) })],
    keys: noKeys,
    ready: () => up,
    parts: [
      partOf('first', { stop: async () => void say('first stopped') }),
      partOf('second', {
        async start() {
          if (part === 'mistaken') throw new StartError('the oven is cold: light it')
          if (part === 'broken') throw new Error('out of tune')
          say('second starts')
          if (part === 'slow') await new Promise((lit) => process.once('SIGTERM', lit))
          up = true
        },
        async stop() {
          up = false
          if (part === 'patient') {
            const told = new Promise((done) => process.once('SIGTERM', done))
            say('second stops')
            await told
          }
          say('second stopped')
          if (part === 'clinging') await new Promise(() => createServer().listen(0))
        },
      }),
      partOf('third', { start: async () => void say('third starts') }),
    ],
  }),
})
say('over')
