/**
 * A server's record beside its data folder, `<folder>.pid.json`: enough to find it again after its parent was killed, and
 * enough never to mistake another process for it. Written with a rename, so a reader sees a whole record or none.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { commandNames, identifyProcess, type ProcessIdentity } from './process-identity.ts'

export interface ProcessRecord {
  readonly pid: number
  /** When the process started; see process-identity. */
  readonly started: string
  /** An argument that its command line carries, its data folder for a server. */
  readonly names: string
  readonly port?: number
}

/** Writes the record of a process that was just started. */
export function writeProcessRecord(file: string, record: ProcessRecord): void {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`)
  renameSync(draft, file)
}

export function removeProcessRecord(file: string): void {
  rmSync(file, { force: true })
}

/**
 * The living process that the record speaks of; undefined if it ended or if its id is now somebody else's. Who knows what
 * its command line must name does not take the record's word for it.
 */
export function findRecordedProcess(file: string, names?: string): ProcessIdentity | undefined {
  const record = readProcessRecord(file)
  const found = record && identifyProcess(record.pid)
  if (!found || found.started !== record.started || !commandNames(found, names ?? record.names))
    return undefined
  return found
}

function readProcessRecord(file: string): ProcessRecord | undefined {
  try {
    const { pid, started, names } = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessRecord>
    return pid && started && names ? { pid, started, names } : undefined
  } catch {
    return undefined
  }
}
