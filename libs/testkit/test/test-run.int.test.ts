import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { isAlive } from '@strait/embedded/process-identity'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createRunFolder, removeRunFolder } from '../src/test-run.ts'
import { waitFor } from '../src/wait-for.ts'

const program = fileURLToPath(new URL('fixtures/start-a-run.ts', import.meta.url))

test('the next run removes what a killed one left, processes too, and leaves one that lives alone', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'strait-runs-'))
  vi.stubEnv('TMPDIR', temporary)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(temporary, { recursive: true, force: true })
  })
  const run = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void run.kill('SIGKILL'))
  const [line] = await once(createInterface(run.stdout), 'line')
  const { folder, child } = JSON.parse(line)

  const second = createRunFolder()
  expect(existsSync(folder)).toBe(true)
  expect(isAlive(child)).toBe(true)

  run.kill('SIGKILL')
  await once(run, 'exit')
  const third = createRunFolder()
  expect(existsSync(folder)).toBe(false)
  expect(await waitFor(() => !isAlive(child), { what: 'the process to be gone' })).toBe(true)
  expect(existsSync(second)).toBe(true)
  removeRunFolder(second)
  removeRunFolder(third)
  expect([existsSync(second), existsSync(third)]).toEqual([false, false])
})
