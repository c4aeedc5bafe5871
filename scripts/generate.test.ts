import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { compareFolders } from './generate.ts'

function folder(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'strait-generate-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  return dir
}

test('equal folders differ in nothing', () => {
  const files = { 'a.js': 'a', 'b/c.js': 'c' }
  expect(compareFolders(folder(files), folder(files))).toEqual([])
})

test('every file that is missing, left over or different is named', () => {
  const committed = folder({ 'a.js': 'a', 'b/old.js': 'b', 'same.js': 's' })
  const fresh = folder({ 'a.js': 'A', 'b/new.js': 'b', 'same.js': 's' })
  expect(compareFolders(committed, fresh)).toEqual([
    'a.js: differs',
    'b/new.js: missing',
    'b/old.js: no proto makes it',
  ])
})

test('nothing committed yet is everything missing', () => {
  const fresh = folder({ 'a.js': 'a' })
  expect(compareFolders(join(fresh, 'absent'), fresh)).toEqual(['a.js: missing'])
})
