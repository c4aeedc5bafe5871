// The whole of Strait on one machine: npm start.

import { StartError } from '@strait/service-kit/listen'
import { readConfig } from './config.ts'
import { createStandalone } from './standalone.ts'

const read = readConfig(process.env, process.argv.slice(2))
if (read.ok) await run(read.config)
else {
  for (const problem of read.problems) console.error(`strait: ${problem}`)
  process.exitCode = 1
}

async function run(config: (typeof read & { ok: true })['config']): Promise<void> {
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => {
    // The last resort against a part that hangs; it keeps nothing alive by itself.
    if (stopped === undefined) setTimeout(() => process.exit(2), 20_000).unref()
    stopped ??= standalone.stop().catch((err: unknown) => {
      console.error('strait: not everything stopped cleanly', err)
      process.exitCode = 1
    })
    return stopped
  }
  const standalone = createStandalone(config, process.env, (what) => {
    console.error(`strait: ${what} ended by itself, stopping; what it said is in ${config.dataDir}`)
    process.exitCode = 1
    void stop()
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop())

  try {
    await standalone.start()
    const missing = await standalone.tell()
    if (stopped !== undefined) return
    for (const line of missing) console.error(`strait: this line of the story is missing: ${line}`)
    if (config.once) {
      process.exitCode = missing.length > 0 ? 1 : 0
      await stop()
    } else console.log('Strait stays up; Ctrl-C stops it.')
  } catch (err) {
    if (stopped === undefined) {
      console.error(err instanceof StartError ? `strait: ${err.message}` : err)
      process.exitCode = 1
    }
    await stop()
  }
}
