import { expect, test } from 'vitest'
import { commandNames, identifyProcess, isAlive, listProcesses, parsePs } from './process-identity.ts'

test('this process is known by its id, and is in the list', () => {
  const self = identifyProcess(process.pid)
  expect(self).toMatchObject({ pid: process.pid, program: expect.stringContaining('node') })
  expect(listProcesses()).toContainEqual(self)
})

test('an id that nobody has is nobody', () => {
  expect(identifyProcess(2 ** 30)).toBeUndefined()
  expect(identifyProcess(Number.NaN)).toBeUndefined()
})

test('a process is alive only under the time at which it started', () => {
  const started = identifyProcess(process.pid)!.started
  expect(isAlive({ pid: process.pid, started })).toBe(true)
  expect(isAlive({ pid: process.pid, started: `${started}1` })).toBe(false)
})

test('a command names an argument only if it has exactly that', () => {
  const server = { pid: 1, started: '', program: 'postgres', command: 'postgres -D /data/a -p 5' }
  expect(commandNames(server, '-D /data/a')).toBe(true)
  expect(commandNames(server, '-p 5')).toBe(true)
  expect(commandNames(server, '-D /data')).toBe(false)
  expect(commandNames(server, 'data/a')).toBe(false)
})

test('the list of ps is read without its zombies', () => {
  const output = [
    '    1 Ss   Mon Nov  3 09:05:07 2026 /sbin/launchd',
    '  812 Z    Mon Nov  3 09:06:00 2026 (postgres)',
    ' 9001 S+   Tue Nov 24 10:00:00 2026 /opt/x y/postgres -D /a b -p 1',
    '',
  ].join('\n')
  expect(parsePs(output)).toEqual([
    { pid: 1, started: 'Mon Nov 3 09:05:07 2026', program: 'launchd', command: '/sbin/launchd' },
    {
      pid: 9001,
      started: 'Tue Nov 24 10:00:00 2026',
      program: 'postgres',
      command: '/opt/x y/postgres -D /a b -p 1',
    },
  ])
})
