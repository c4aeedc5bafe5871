import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { EmbeddedError, reasonOf } from './embedded-error.ts'

/**
 * Makes sure that files can be made beside `dataDir` and returns its one true path: the same folder reached through a
 * symbolic link must find the same lock and the same record.
 */
export function prepareDataDir(dataDir: string): string {
  const parent = dirname(resolve(dataDir))
  try {
    mkdirSync(parent, { recursive: true })
    const probe = join(parent, `.writable-${process.pid}`)
    writeFileSync(probe, '')
    rmSync(probe)
    return join(realpathSync(parent), basename(dataDir))
  } catch (error) {
    const advice = 'make it writable or choose another folder with STRAIT_DATA_DIR'
    throw new EmbeddedError(`the data folder ${parent} cannot be written: ${reasonOf(error)}; ${advice}`, {
      cause: error,
    })
  }
}
