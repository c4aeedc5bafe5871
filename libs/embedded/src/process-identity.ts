/**
 * Who a process id is. An id alone proves nothing: the system gives it to another process as soon as its owner is gone.
 * An id together with the moment its process started names one process for ever, so every signal to a process that is not
 * our own child is preceded by a fresh look here. Synchronous on purpose: between the look and the signal nothing else runs.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in the words of the system: clock ticks since boot on Linux, a date elsewhere. */
  readonly started: string
  /** The name of its program, without the folder. */
  readonly program: string
  /** Its command line, arguments separated by one space. */
  readonly command: string
}

/** The living process with this id, or undefined. A zombie is not living. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(['-p', String(pid)])[0]
}

/** Every living process whose command line can be read. */
export function listProcesses(): ProcessIdentity[] {
  if (process.platform !== 'linux') return fromPs(['-ax'])
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map((pid) => fromProc(Number(pid))).filter((found) => found !== undefined)
}

/** True while exactly this process, not a later one with the same id, is alive. */
export function isAlive(identity: Pick<ProcessIdentity, 'pid' | 'started'>): boolean {
  return identifyProcess(identity.pid)?.started === identity.started
}

/** True if one of the arguments of its command line is exactly `argument` (or several, with single spaces between). */
export function commandNames(identity: ProcessIdentity, argument: string): boolean {
  return ` ${identity.command} `.includes(` ${argument} `)
}

function fromProc(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, started] = [fields[0], fields[19]]
    if (!started || state === 'Z' || state === 'X') return undefined
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').split('\0')
    return { pid, started, program: basename(args[0] ?? ''), command: args.join(' ') }
  } catch {
    return undefined
  }
}

function fromPs(selection: readonly string[]): ProcessIdentity[] {
  const format = ['-ww', '-o', 'pid=,stat=,lstart=,command=']
  const ps = spawnSync('ps', [...selection, ...format], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  return parsePs(ps.stdout ?? '')
}

/** Reads lines of `ps -o pid=,stat=,lstart=,command=`; the date is five words. */
export function parsePs(output: string): ProcessIdentity[] {
  const line = /^\s*(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/
  return output.split('\n').flatMap((text) => {
    const [, pid, state, started, command] = line.exec(text) ?? []
    if (!pid || !state || !started || !command || state.startsWith('Z')) return []
    // Where the program ends and its arguments begin is not told: at the first option, most likely.
    const program = basename(command.split(' -')[0] ?? '')
    return [{ pid: Number(pid), started: started.replace(/\s+/g, ' '), program, command }]
  })
}
