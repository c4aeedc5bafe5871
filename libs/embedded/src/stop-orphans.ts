/**
 * Stops a server that an earlier, killed parent left on this folder. It is stopped and not adopted: a server that we started
 * ourselves is in a known state, with our own settings, and its start takes 50 ms. Call it with the folder locked: then a
 * living server on it belongs to nobody.
 *
 * A process counts as the folder's server only with proof: the one in the record by the moment it started and by naming
 * the folder, any other by its program and by arguments that only we give. An id alone is never enough.
 */
import { commandNames, listProcesses, type ProcessIdentity } from './process-identity.ts'
import { findRecordedProcess, removeProcessRecord } from './process-record.ts'
import { stopProcess } from './stop-process.ts'

export interface OrphanPlace {
  readonly label: string
  readonly dataDir: string
  /** The name of the server's program. */
  readonly program: string
  /** Consecutive arguments that only a server started here on this folder has. */
  readonly mark: string
  readonly log?: ((line: string) => void) | undefined
}

/** Finds the folder's server by its record and by its command line, and stops it. */
export async function stopOrphans(place: OrphanPlace): Promise<void> {
  const recordFile = `${place.dataDir}.pid.json`
  const recorded = findRecordedProcess(recordFile, place.mark)
  const running = listProcesses().filter((found) => isServerOf(place, found))
  const orphans = new Map([recorded, ...running].flatMap((found) => (found ? [[found.pid, found]] : [])))
  for (const orphan of orphans.values()) {
    place.log?.(`stopping ${place.label} (process ${orphan.pid}), left behind by an earlier start`)
    await stopProcess(orphan)
  }
  removeProcessRecord(recordFile)
}

/** setpriv turns into the server within a millisecond; a parent can be killed in that one too. */
function isServerOf({ program, mark }: OrphanPlace, found: ProcessIdentity): boolean {
  return [program, 'setpriv'].includes(found.program) && commandNames(found, mark)
}
