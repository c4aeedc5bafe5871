/**
 * One owner per data folder. The lock is the operating system's own file lock, taken through SQLite (part of Node) on an
 * empty file: it ends with the process, however that dies, so there is no stale lock to judge and no race in taking one
 * over. The process id beside it only serves the message for the one who comes second.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { EmbeddedError, reasonOf } from './embedded-error.ts'
import { identifyProcess } from './process-identity.ts'

const SQLITE_BUSY = 5

export interface FolderLock {
  release(): void
}

/** Takes the folder for this process, or refuses and names the process that has it. */
export function lockFolder(folder: string): FolderLock {
  const holderFile = `${folder}.lock.pid`
  const database = new DatabaseSync(`${folder}.lock`)
  try {
    // Nothing is ever written, so no journal file is needed beside it.
    database.exec('pragma journal_mode = memory; begin exclusive')
  } catch (error) {
    database.close()
    const taken = (error as { errcode?: number }).errcode === SQLITE_BUSY
    const what = taken
      ? `is in use by ${describeHolder(holderFile)}; stop it first`
      : `cannot be locked: ${reasonOf(error)}`
    throw new EmbeddedError(`${folder} ${what}, or choose another folder with STRAIT_DATA_DIR`, {
      cause: error,
    })
  }
  writeFileSync(holderFile, `${process.pid}\n`)
  return {
    release() {
      if (!database.isOpen) return
      rmSync(holderFile, { force: true })
      database.close()
    },
  }
}

function describeHolder(holderFile: string): string {
  try {
    const holder = identifyProcess(Number(readFileSync(holderFile, 'utf8')))
    if (holder) return `process ${holder.pid} (${holder.command})`
  } catch {
    // The holder has not written its id yet.
  }
  return 'another process'
}
