// Workflows over REST, each path once, and what comes with JSON: exact slices, words, names of the language as keys.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, openApp } from './app-bundle.ts'
import { countWorkflowRows } from './workflow-bundle.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${app.baseUrl}/v1/workflows${path}`, {
    method,
    headers: { authorization: `Bearer ${app.store.apiKey}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
}

const diamond = `{
  "name": "Diamond",
  "tags": {"__proto__": "a", "constructor": "b"},
  "cron_payload": {"n": 12345678901234567890},
  "overlap": "queue_one",
  "steps": [
    {"ref": "fetch", "job": {"job": "fetch-orders", "payload": {"day": "{{ payload.day }}", "n": 1.10}}},
    {"ref": "ok", "depends_on": ["fetch"], "condition": "steps.fetch.output.total > 1000", "approval": {"message": "Ship?"}},
    {"ref": "each", "depends_on": ["fetch"], "on_failure": "continue",
     "for_each": {"items": "steps.fetch.output.orders", "job": {"job": "pack", "payload": {"order": "{{ item }}"}}}},
    {"ref": "done", "depends_on": ["ok", "each"], "job": {"job": "report"}}
  ]
}`

test('every path of a workflow answers', async () => {
  const made = await call('POST', '', diamond)
  expect(made.status).toBe(201)
  expect(made.headers.get('location')).toBe(`/v1/workflows/${made.body.id}`)
  expect(made.body).toMatchObject({ slug: 'diamond', overlap: 'queue_one', misfire: 'fire_once', version: 1 })
  expect(made.body.steps[0]).toMatchObject({
    on_failure: 'fail_workflow',
    job: { job: 'fetch-orders' },
    sleep: null,
  })
  expect(made.text).toContain('{"n": 12345678901234567890}')
  expect(made.text).toContain('{"day": "{{ payload.day }}", "n": 1.10}')
  expect(Object.entries(made.body.tags)).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])

  expect((await call('GET', '/diamond')).body).toEqual(made.body)
  expect((await call('GET', '?tags[constructor]=b&text=DIAM')).body).toEqual({
    workflows: [made.body],
    next_page_token: '',
  })
  expect((await call('GET', '?tags[__proto__]=b')).body.workflows).toEqual([])
  const changed = await call(
    'PATCH',
    '/diamond',
    { description: 'new', cron_payload: null },
    { 'if-match': made.body.version_id },
  )
  expect(changed.body).toMatchObject({ description: 'new', cron_payload: {}, version: 2 })
  const stale = await call('PATCH', '/diamond', { description: 'x' }, { 'if-match': made.body.version_id })
  expect(stale).toMatchObject({ status: 412, body: { reason: 'ETAG_MISMATCH' } })
  const versions = await call('GET', '/diamond/versions')
  expect(versions.body).toEqual({ versions: [changed.body, made.body], next_page_token: '' })
  expect((await call('GET', '/diamond/versions/1')).body).toEqual(made.body)
  expect((await call('GET', '/diamond/diff?from=1')).body).toEqual({
    from_version_id: made.body.version_id,
    to_version_id: changed.body.version_id,
    changes: [
      { field: 'description', before: '', after: 'new' },
      { field: 'cron_payload', before: expect.anything(), after: {} },
    ],
  })
  expect((await call('GET', '/diamond/graph?format=dot')).body.graph).toContain('s0 -> s1 [style=dashed];')
  const back = await call('POST', '/diamond/rollback', { version: '1' })
  expect(back).toMatchObject({ status: 200, body: { description: '', version: 3 } })
  const gone = await call('DELETE', '/diamond')
  expect(gone).toMatchObject({ status: 200, body: { version: 3, deleted_at: expect.any(String) } })
  expect(await call('GET', '/diamond')).toMatchObject({ status: 404, body: { reason: 'WORKFLOW_NOT_FOUND' } })
})

test.each([
  ['two things to do', { steps: [{ ref: 'a', sleep: { duration_secs: 1 }, approval: {} }] }],
  ['an unknown field of a step', { steps: [{ ref: 'a', sleeps: 1 }] }],
  ['an unknown word', { steps: [{ ref: 'a', on_failure: 'shrug', sleep: { duration_secs: 1 } }] }],
  [
    'half of a pair of surrogates',
    `{"name": "\\ud800", "steps": [{"ref": "a", "sleep": {"duration_secs": 1}}]}`,
  ],
  ['NUL in an expression', { steps: [{ ref: 'a', condition: '"\0" == ""', sleep: { duration_secs: 1 } }] }],
])('a body is refused that has %s', async (_, body) => {
  const rows = await countWorkflowRows(app)
  const named = typeof body === 'string' ? body : { name: 'x', ...body }
  expect((await call('POST', '', named)).status).toBe(400)
  expect(await countWorkflowRows(app)).toBe(rows)
})

test('while the worst expressions are read, others are answered', async () => {
  const worst = (nth: number) => `${'['.repeat(24)}${nth}${'\n'.repeat(2_000)}`
  const steps = Array.from({ length: 60 }, (_, nth) => ({
    ref: `s${nth}`,
    condition: worst(nth),
    sleep: { duration_secs: 1 },
  }))
  let isRead = false
  const hostile = call('POST', '', { name: 'hostile', steps }).finally(() => {
    isRead = true
  })
  let answered = 0
  while (!isRead) {
    await call('GET', '?page_size=1')
    if (!isRead) answered++
  }
  expect(await hostile).toMatchObject({ status: 400 })
  expect(answered).toBeGreaterThan(10)
})
