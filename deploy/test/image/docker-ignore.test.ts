import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../places.ts'
import { readDockerIgnore } from './docker-ignore.ts'

test('the last pattern that names a file or a folder above it decides', () => {
  const isIgnored = readDockerIgnore('*\n# said\n\n!libs\n!a/b.ts\n**/node_modules\n**/*.test.ts\nlibs/x\n')
  const seen = ['libs/a/src/a.ts', 'a/b.ts', 'libs/xy/a.ts']
  const ignored = [
    '.env',
    'a',
    'a/c.ts',
    'libs/a/node_modules/b/index.js',
    'libs/a/src/a.test.ts',
    'libs/x/a.ts',
  ]
  expect(seen.filter(isIgnored)).toEqual([])
  expect(ignored.filter((path) => !isIgnored(path))).toEqual([])
})

test('secrets, tests and what was installed here never reach a build', () => {
  const isIgnored = readDockerIgnore(readFileSync(join(root, '.dockerignore'), 'utf8'))
  const ignored = [
    '.env',
    '.git/config',
    '.strait/context.json',
    'deploy/.env',
    'deploy/kubernetes/overlays/local/secrets.env',
    'node_modules/pg/package.json',
    'libs/bus/node_modules/.bin/x',
    'libs/domain/src/cron.test.ts',
    'services/catalog/test/secrets.int.test.ts',
    'libs/testkit/package.json',
  ]
  expect(ignored.filter((path) => !isIgnored(path))).toEqual([])
})
