/**
 * One run of the test suite and all that it leaves on the machine: a folder in the system's temporary folder that holds the
 * data of every server and the record of every process that the run started. Whoever ends the run, an orderly teardown, a
 * Ctrl-C, or the next run after a kill -9, finds everything there, and nothing else is touched.
 */
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identifyProcess, isAlive } from '@strait/embedded/process-identity'
import { findRecordedProcess } from '@strait/embedded/process-record'
import { removeFolder } from '@strait/embedded/remove-folder'

const PREFIX = 'strait-test-'
const OWNER = 'owner.json'

/**
 * What a kill -9 of the server loses is the same with and without fsync; only a power cut would tell. Cloning a database
 * takes 12 ms instead of 160 without it, dropping one 19 instead of 170.
 */
export const testSettings = { fsync: 'off', full_page_writes: 'off' } as const

/** What the whole suite shares; tests ask for it with `inject('testRun')`. */
export interface TestRun {
  readonly folder: string
  /** A Postgres superuser's URL. */
  readonly postgresUrl: string
  /** The migrated database that each test's own is cloned from. */
  readonly template: string
  /** The nats-server to run, or the one that runs already and that no test can stop. */
  readonly natsServer?: string
  readonly natsUrl?: string
}

declare module 'vitest' {
  interface ProvidedContext {
    testRun: TestRun
  }
}

/** Makes the folder of this run, and removes what killed runs have left. */
export function createRunFolder(): string {
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name)
    if (isAbandoned(folder)) removeRunFolder(folder)
  }
  const folder = mkdtempSync(join(tmpdir(), PREFIX))
  writeFileSync(join(folder, OWNER), JSON.stringify(identifyProcess(process.pid)))
  return folder
}

/** A folder of its own within the run, for one server of one test. */
export function createServerFolder(runFolder: string, name: string): string {
  mkdirSync(runFolder, { recursive: true })
  return mkdtempSync(join(runFolder, `${name}-`))
}

/** Kills every recorded process of the run that still lives and removes its folder. Synchronous: it also runs at exit. */
export function removeRunFolder(folder: string): void {
  for (const file of recordFiles(folder)) {
    const found = findRecordedProcess(file)
    if (found) killNow(found.pid)
  }
  // The owner's name goes last: whatever else could not be removed, the next run tries again.
  for (const name of readdirSync(folder)) if (name !== OWNER) removeFolder(join(folder, name))
  removeFolder(folder)
}

function recordFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
  const within = (name: string) => readdirSync(join(folder, name)).map((file) => join(folder, name, file))
  const files = entries.flatMap((entry) =>
    entry.isDirectory() ? within(entry.name) : [join(folder, entry.name)],
  )
  return files.filter((file) => file.endsWith('.pid.json'))
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}

/**
 * A run is abandoned when the process that made it is gone. Only a folder of our own user is believed: everybody can make
 * one in the temporary folder, with the record of any process in it.
 */
function isAbandoned(folder: string): boolean {
  try {
    const found = lstatSync(folder)
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false
    return !isAlive(JSON.parse(readFileSync(join(folder, OWNER), 'utf8')))
  } catch {
    return false
  }
}
