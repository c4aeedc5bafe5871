import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor } from '@strait/testkit/wait-for'
import { expect, onTestFinished, test } from 'vitest'

const runModule = new URL('run.mjs', import.meta.url).href

/** A service's end: it says each signal that it hears, needs a while to stop, and ends with a code of its own. */
const service = `
  const stopped = () => { console.log('stopped'); process.exit(7) }
  const hear = (signal) => { console.log('heard ' + signal); setTimeout(stopped, 200) }
  process.on('SIGINT', hear).on('SIGTERM', hear)
  setInterval(() => {}, 1000)
  console.log('up ' + process.pid)
`

/** Starts the launcher on a program, as the leader of a group, like a shell does. */
function setup(
  program: string,
  { env = {}, parent }: { env?: Record<string, string>; parent?: string } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'strait-launcher-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'program.mjs')
  const launcherFile = join(folder, 'launcher.mjs')
  writeFileSync(file, program)
  writeFileSync(
    launcherFile,
    `import { runNode } from '${runModule}'
    console.log('launcher ' + process.pid)
    process.exitCode = await runNode(process.execPath, ['${file}', 'an argument'])`,
  )
  const args = parent === undefined ? [launcherFile] : ['-e', parent, launcherFile]
  const child = spawn(process.execPath, args, {
    detached: true,
    env: { ...process.env, npm_lifecycle_event: '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => killGroup(child))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  const seen = (pattern: RegExp) => waitFor(() => pattern.exec(output), { what: `${pattern} in the output` })
  return { child, lines: () => output.trim().split('\n'), seen, exited: once(child, 'exit') }
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL')
  } catch {
    // It is gone, as it should be.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a Ctrl-C that comes to the whole group, and from npm once more, reaches the program once', async () => {
  const { child, seen, exited, lines } = setup(service)
  await seen(/up/)
  process.kill(-child.pid!, 'SIGINT')
  await seen(/heard/)
  child.kill('SIGINT')
  expect(await exited).toEqual([7, null])
  expect(lines().slice(2)).toEqual(['heard SIGINT', 'stopped'])
})

test('a signal to the launcher alone is passed on, and its code is the code of the program', async () => {
  const { child, seen, exited, lines } = setup(service)
  await seen(/up/)
  child.kill('SIGTERM')
  expect(await exited).toEqual([7, null])
  expect(lines().slice(2)).toEqual(['heard SIGTERM', 'stopped'])
})

test('a closed terminal stops the program', async () => {
  const { child, seen, exited } = setup(service)
  await seen(/up/)
  child.kill('SIGHUP')
  expect(await exited).toEqual([7, null])
})

test('a program whose launcher was killed stops in its own way', async () => {
  const { child, seen } = setup(service)
  const [, pid] = await seen(/up (\d+)/)
  child.kill('SIGKILL')
  expect(await seen(/heard SIGTERM\nstopped/)).toBeTruthy()
  await waitFor(() => !isAlive(Number(pid)), { what: 'the program to be gone' })
})

test('a program under npm stops when npm was killed', async () => {
  const npm = "require('child_process').spawn(process.execPath, [process.argv[1]], { stdio: 'inherit' })"
  const { child, seen } = setup(service, { env: { npm_lifecycle_event: 'start' }, parent: npm })
  const [, launcher] = await seen(/launcher (\d+)/)
  await seen(/up/)
  child.kill('SIGKILL')
  expect(await seen(/heard SIGTERM\nstopped/)).toBeTruthy()
  await waitFor(() => !isAlive(Number(launcher)), { what: 'the launcher to be gone' })
})

test('what a program leaves in its group is ended with it', async () => {
  const { seen, exited } = setup(`
    import { spawn } from 'node:child_process'
    const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    console.log('left ' + left.pid)
    process.exit(0)
  `)
  const [, left] = await seen(/left (\d+)/)
  expect(await exited).toEqual([0, null])
  await waitFor(() => !isAlive(Number(left)), { what: 'the process that was left to be gone' })
})

test('a program that dies by a signal gives 128 and its number, as a shell would', async () => {
  const { exited } = setup("process.kill(process.pid, 'SIGKILL')")
  expect(await exited).toEqual([137, null])
})

test('a program that is done ends, with its arguments and without the variables of npm', async () => {
  const { exited, lines } = setup(
    `const strange = Object.keys(process.env).filter((name) => /^(npm_|STRAIT_LAUNCHER)/.test(name))
    console.log(JSON.stringify([process.argv.slice(2), strange]))`,
    { env: { npm_config_prefix: '/x', npm_package_name: 'strait' } },
  )
  expect(await exited).toEqual([0, null])
  expect(lines()[1]).toBe('[["an argument"],[]]')
})
