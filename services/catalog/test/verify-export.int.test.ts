// `npm run verify-audit`, as a process: what REST answered is all that it needs.

import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { chainAll, chainOf, record, tamper } from './audit-bundle.ts'

const main = fileURLToPath(new URL('../src/verify-audit-main.ts', import.meta.url))
const vectors = fileURLToPath(new URL('audit-vectors.jsonl', import.meta.url))

let app: AppBundle
let folder: string
/** Answers of the list, one after another, as curl would have written them. */
let answers: string
let file: string
let hashes: readonly string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'))
  app = await openApp()
  const { db, projectId } = app.store
  // JSON that no value in memory could keep, and line breaks in it.
  const after = '{"n": 1.0, "large": 12345678901234567890,\n\t"words": "Größe 😀 } \\" \u2028"}'
  await record(db, projectId, 28, (nth) => ({ resourceId: `${nth}`, after }))
  await chainAll(db)
  hashes = (await chainOf(db, projectId)).map(({ hash }) => hash)
  answers = await readAnswers(7)
  file = await write('all.json', answers)
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function readAnswers(pageSize: number): Promise<string> {
  let text = ''
  let token = ''
  do {
    const path = `/v1/audit-events?page_size=${pageSize}&page_token=${token}`
    const headers = { authorization: `Bearer ${app.store.apiKey}` }
    const answer = await (await fetch(`${app.baseUrl}${path}`, { headers })).text()
    text += answer
    token = JSON.parse(answer).next_page_token
  } while (token !== '')
  return text
}

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

/** Runs the command as it is run by hand, with nothing of the deployment about it. */
function run(
  args: readonly string[],
  stdin = '',
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [main, ...args], { env: { PATH, HOME }, timeout: 20_000 })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  child.stdin.end(stdin)
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}

const holds = () => ({
  code: 0,
  stdout: `project ${app.store.projectId}: entries 1 to 30 hold; the last hash is ${hashes[29]}\n`,
  stderr: '',
})

test('answers of the list hold, from a file, from several, and from stdin', async () => {
  expect(await run([file])).toEqual(holds())
  expect(await run([], answers)).toEqual(holds())
  expect(await run([file, await write('again.json', await readAnswers(250))])).toEqual(holds())
  expect(await run([file, '--remembered', `30:${hashes[29]}`])).toEqual(holds())
})

test('so do single entries, and not where they were laid out anew: what is hashed are the bytes', async () => {
  const headers = { authorization: `Bearer ${app.store.apiKey}` }
  const ids = (await chainOf(app.store.db, app.store.projectId)).map(({ id }) => id)
  const entries = await Promise.all(
    ids.map(async (id) => (await fetch(`${app.baseUrl}/v1/audit-events/${id}`, { headers })).text()),
  )
  expect(await run([], entries.join('\n'))).toEqual(holds())
  expect(await run([], entries.map((text) => text.replaceAll(',"', ' ,\n  "')).join(''))).toMatchObject({
    code: 1,
  })
})

test('the published examples hold', async () => {
  expect(await run([vectors])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('entries 1 to 4 hold'),
  })
  expect(await run([], (await readFile(vectors, 'utf8')).replace('Demo', 'Dem0'))).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(
      'broken at position 1: the entry at position 1 is not what its hash was made of',
    ),
  })
})

test('a part holds as far as it goes, and says what it comes after', async () => {
  const [newest = ''] = answers.split('}{')
  const { code, stdout } = await run([], `${newest}}`)
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `project ${app.store.projectId}: entries 24 to 30 hold, after one with the hash ${hashes[22]}; the last hash is ${hashes[29]}\n`,
  })
})

test.each([
  ['a changed digit', (text: string) => text.replace('"n": 1.0, ', '"n": 1.00, '), 30],
  ['a changed actor', (text: string) => text.replaceAll('"system:bootstrap"', '"system:innocent"'), 1],
  ['an entry left out', (text: string) => text.replace(/"position":17,/, '"position":0,'), 17],
] as const)('%s is found, and the exit code says so', async (_, change, position) => {
  const { code, stdout, stderr } = await run([], change(answers))
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  expect(stdout).toMatch(new RegExp(`^project ${app.store.projectId}: broken at position ${position}: .*\n$`))
})

test('entries cut off at the end are found by who remembers a hash', async () => {
  const { projectId } = app.store
  await tamper(app.store, `delete from audit_events where project_id = '${projectId}' and position > 28`)
  const cut = await readAnswers(250)
  expect(await run([], cut)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('entries 1 to 28 hold'),
  })
  expect(await run(['--remembered', `30:${hashes[29]}`], cut)).toEqual({
    code: 1,
    stdout: `project ${projectId}: broken at position 30: there is no entry at position 30, whose hash was remembered\n`,
    stderr: '',
  })
})

test.each([
  ['nothing', [], '', /^there is no entry to verify\nUse: npm run verify-audit/],
  ['an empty list', [], '{"audit_events":[],"next_page_token":""}', /^there is no entry to verify\n/],
  ['no JSON', [], 'hello', /^stdin, object 1 is no JSON object\n$/],
  ['half an answer', [], '{"audit_events":[]}{"audit_events":[', /^stdin, object 2 is no JSON object\n$/],
  ['a refusal', [], '{"title":"x","status":401}', /^stdin, object 1 has an entry whose id is no text\n$/],
  ['a file that is not there', ['/nowhere/audit.json'], '', /^ENOENT.*\n$/],
  ['an argument that does not exist', ['--remember', 'x'], '', /^Unknown option '--remember'/],
  [
    'a remembered hash that is none',
    ['--remembered', '3:abc'],
    '',
    /^--remembered must be a position, a colon/,
  ],
])('%s: it says so and ends with 1', async (_, args, stdin, said) => {
  const { code, stdout, stderr } = await run(args, stdin)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(said)
  expect(stderr).not.toContain('    at ')
})
