import { rmSync } from 'node:fs'

const TRIES = 50
const PAUSE_MS = 10

/**
 * Removes a folder in which a process that was just killed, or its children, may still write or remove for some
 * milliseconds; rmSync alone gives up on the first file that somebody else removed. Synchronous: it also runs at exit.
 */
export function removeFolder(folder: string): void {
  for (let tried = 1; ; tried++) {
    try {
      rmSync(folder, { recursive: true, force: true })
      return
    } catch (error) {
      if (tried === TRIES) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}
