// What the Dockerfile promises, read from it: pinned bases, no root, signals to the service itself.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deployFolder, root } from '../places.ts'
import { readAssignment, readDockerfile, readExecForm, substitute } from './dockerfile.ts'

const file = readDockerfile(readFileSync(join(deployFolder, 'Dockerfile'), 'utf8'))
const ownStages = file.stages.map(({ name }) => name)

test('bases are named with their whole version, and run the Node that the tests run', () => {
  const bases = file.stages
    .map(({ from }) => substitute(from, file.args))
    .filter((from) => !ownStages.includes(from))
  expect(bases.length).toBeGreaterThan(0)
  for (const base of bases) expect(base).toMatch(/^node:\d+\.\d+\.\d+-slim$/)
  expect(file.args.NODE_VERSION?.split('.')[0]).toBe(process.versions.node.split('.')[0])
})

test('packages are installed as the lockfile has them, without those for development', () => {
  const runs = file.stages.flatMap(({ instructions }) => instructions.filter(({ word }) => word === 'RUN'))
  const installs = runs.filter(({ rest }) => rest.includes('pnpm install'))
  expect(installs.length).toBe(2)
  for (const { rest } of installs)
    expect(rest).toMatch(/^pnpm install --prod --frozen-lockfile --filter-prod "\S+\.\.\."$/)
})

test('what runs is not root, stops at SIGTERM, and is node itself', () => {
  const runtime = file.stages.find(({ name }) => name === 'runtime')?.instructions ?? []
  expect(
    runtime.filter(({ word }) => ['USER', 'STOPSIGNAL', 'ENV'].includes(word)).map(({ rest }) => rest),
  ).toEqual(['NODE_ENV=production', 'SIGTERM', '1000:1000'])
  const targets = file.stages.filter(({ from }) => from === 'runtime')
  expect(targets.map(({ name }) => name)).toEqual(['migrate', 'service'])
  for (const { instructions } of targets) {
    const entrypoint = instructions.find(({ word }) => word === 'ENTRYPOINT')?.rest ?? ''
    expect(readExecForm(entrypoint)[0]).toBe('node')
    // Docker puts no arguments into it.
    expect(entrypoint).not.toContain('$')
  }
})

test('a build that names no stage makes a service', () => {
  expect(ownStages.at(-1)).toBe('service')
})

test('pnpm is of the kind that made the lockfile', () => {
  const args = file.stages.flatMap(({ instructions }) =>
    instructions.filter(({ word }) => word === 'ARG').map(({ rest }) => readAssignment(rest)),
  )
  const version = args.find((one) => one.PNPM_VERSION !== undefined)?.PNPM_VERSION
  const launcher = readFileSync(join(root, 'scripts', 'launcher', 'toolchain.mjs'), 'utf8')
  expect(version?.split('.')[0]).toBe(/^const PNPM = (\d+)$/m.exec(launcher)?.[1])
})
