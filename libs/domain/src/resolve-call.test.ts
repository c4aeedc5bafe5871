import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EnvironmentLayer, mergeLine, variablesFor } from './environment.ts'
import type { CallFields } from './override-call.ts'
import { type CallQuestion, resolveCall } from './resolve-call.ts'

const version: CallFields = {
  endpointUrl: 'https://prod.example.com/hook?a=1',
  fallbackEndpointUrl: 'https://spare.example.com/hook',
  webhookUrl: 'https://told.example.com/',
  timeoutSecs: 300,
  maxAttempts: 3,
}

const urlProblem = (url: string) => {
  if (!URL.canParse(url) || !/^https?:/.test(url)) return 'is no URL'
  return new URL(url).hostname === 'blocked.example.com' ? 'is blocked' : undefined
}

function layer(
  variables: Record<string, string> = {},
  overrides: Record<string, Record<string, string>> = {},
): EnvironmentLayer {
  const jobOverrides = new Map(
    Object.entries(overrides).map(([slug, own]) => [slug, new Map(Object.entries(own))]),
  )
  return { variables: new Map(Object.entries(variables)), jobOverrides }
}

function resolve(line: readonly EnvironmentLayer[], over: Partial<CallQuestion> = {}) {
  return resolveCall({ line, jobSlug: 'the-job', version, urlProblem, ...over })
}

/** What is called, in one line: endpoint, fallback, webhook, seconds, attempts. */
function called(line: readonly EnvironmentLayer[], over: Partial<CallQuestion> = {}) {
  const resolved = resolve(line, over)
  if (!resolved.ok) return resolved.problems.map(({ field, reason }) => `${field} ${reason}`)
  const { endpoint, fallback, webhook, timeoutSecs, maxAttempts } = resolved.call
  return [endpoint.url, fallback?.url, webhook?.url, timeoutSecs, maxAttempts]
}

const own = [version.endpointUrl, version.fallbackEndpointUrl, version.webhookUrl, 300, 3]
const put = (index: number, ...values: readonly (string | number | undefined)[]) =>
  own.toSpliced(index, values.length, ...values)

describe('what is called', () => {
  test.each<[string, readonly EnvironmentLayer[], readonly unknown[]]>([
    ['no environment', [], own],
    ['an environment without variables', [layer()], own],
    ['a variable that overrides nothing', [layer({ OTHER: 'x' })], own],
    ['ENDPOINT_URL', [layer({ ENDPOINT_URL: 'https://s.example.com/x' })], put(0, 'https://s.example.com/x')],
    [
      'FALLBACK_ENDPOINT_URL',
      [layer({ FALLBACK_ENDPOINT_URL: 'https://f.example.com' })],
      put(1, 'https://f.example.com'),
    ],
    ['WEBHOOK_URL', [layer({ WEBHOOK_URL: 'https://w.example.com' })], put(2, 'https://w.example.com')],
    ['TIMEOUT_SECS', [layer({ TIMEOUT_SECS: '86400' })], put(3, 86_400)],
    ['MAX_ATTEMPTS', [layer({ MAX_ATTEMPTS: '1' })], put(4, 1)],
    [
      'ENDPOINT_BASE_URL, for endpoint and fallback and not for the webhook',
      [layer({ ENDPOINT_BASE_URL: 'http://b.example.com:8080/' })],
      put(0, 'http://b.example.com:8080/hook?a=1', 'http://b.example.com:8080/hook'),
    ],
    [
      'ENDPOINT_URL before ENDPOINT_BASE_URL, which keeps the fallback',
      [layer({ ENDPOINT_BASE_URL: 'https://b.example.com', ENDPOINT_URL: 'https://s.example.com/x' })],
      put(0, 'https://s.example.com/x', 'https://b.example.com/hook'),
    ],
    [
      'FALLBACK_ENDPOINT_URL before ENDPOINT_BASE_URL',
      [
        layer({
          ENDPOINT_BASE_URL: 'https://b.example.com',
          FALLBACK_ENDPOINT_URL: 'https://f.example.com/y',
        }),
      ],
      put(0, 'https://b.example.com/hook?a=1', 'https://f.example.com/y'),
    ],
    [
      'a child before its parent, name by name',
      [layer({ TIMEOUT_SECS: '10', MAX_ATTEMPTS: '5' }), layer({ TIMEOUT_SECS: '20' })],
      put(3, 20, 5),
    ],
    [
      'a variable for the job before a plain one, also one of the parent before one of the child',
      [layer({}, { 'the-job': { TIMEOUT_SECS: '7' } }), layer({ TIMEOUT_SECS: '20', MAX_ATTEMPTS: '9' })],
      put(3, 7, 9),
    ],
    [
      'variables for one job, merged along the line',
      [
        layer({}, { 'the-job': { TIMEOUT_SECS: '7', MAX_ATTEMPTS: '8' } }),
        layer({}, { 'the-job': { MAX_ATTEMPTS: '9' } }),
      ],
      put(3, 7, 9),
    ],
    ['a variable for another job', [layer({}, { 'other-job': { TIMEOUT_SECS: '7' } })], own],
    [
      'a name in a variable',
      [layer({ ENDPOINT_URL: 'https://{{T}}.example.com/{{P}}', T: 'acme', P: 'a b/ü' })],
      put(0, 'https://acme.example.com/a%20b%2F%C3%BC'),
    ],
    [
      'a name in the base',
      [layer({ ENDPOINT_BASE_URL: 'https://{{T}}.example.com', T: 'acme' })],
      put(0, 'https://acme.example.com/hook?a=1', 'https://acme.example.com/hook'),
    ],
    [
      'a name for the job',
      [
        layer(
          { ENDPOINT_URL: 'https://s.example.com/{{P}}', P: 'plain' },
          { 'the-job': { P: 'for the job' } },
        ),
      ],
      put(0, 'https://s.example.com/for%20the%20job'),
    ],
  ])('%s', (_, line, expected) => {
    expect(called(line)).toEqual(expected)
  })

  test('what the run says goes before every variable, also before one that is wrong', () => {
    const line = [
      layer(
        { TIMEOUT_SECS: '10', MAX_ATTEMPTS: 'many' },
        { 'the-job': { TIMEOUT_SECS: 'x', MAX_ATTEMPTS: '2' } },
      ),
    ]
    expect(called(line, { own: { timeoutSecs: 5, maxAttempts: 6 } })).toEqual(put(3, 5, 6))
  })

  test('names in the URLs of a version are filled in, with or without an override', () => {
    const templated = { ...version, endpointUrl: 'https://{{T}}.example.com/{{P}}' }
    const line = [layer({ T: 'acme', P: 'x' })]
    expect(called(line, { version: templated })).toEqual(put(0, 'https://acme.example.com/x'))
    const based = [layer({ T: 'acme', P: 'x', ENDPOINT_BASE_URL: 'https://b.example.com' })]
    expect(called(based, { version: templated })).toEqual(
      put(0, 'https://b.example.com/x', 'https://b.example.com/hook'),
    )
  })

  test('a job without fallback and webhook gets none from a base, and some from variables of their own', () => {
    const bare = { ...version, fallbackEndpointUrl: undefined, webhookUrl: undefined }
    const based = layer({ ENDPOINT_BASE_URL: 'https://b.example.com' })
    expect(called([based], { version: bare })).toEqual([
      'https://b.example.com/hook?a=1',
      undefined,
      undefined,
      300,
      3,
    ])
    const both = layer({
      FALLBACK_ENDPOINT_URL: 'https://f.example.com',
      WEBHOOK_URL: 'https://w.example.com',
    })
    expect(called([both], { version: bare })).toEqual(
      put(1, 'https://f.example.com', 'https://w.example.com'),
    )
  })

  test('names like those of built-in things are names like any other', () => {
    const line = [layer({ ENDPOINT_URL: 'https://s.example.com/{{constructor}}/{{toString}}' })]
    expect(called(line)).toEqual([
      'endpoint_url {{ENDPOINT_URL}}: {{constructor}} has no value; {{toString}} has no value',
    ])
    expect(called([layer({}, { constructor: { TIMEOUT_SECS: '9' } })], { jobSlug: 'constructor' })).toEqual(
      put(3, 9),
    )
    expect(called([layer()], { jobSlug: 'constructor' })).toEqual(own)
  })
})

describe('what leaves no call at all, and never the own URL of the job', () => {
  test.each<[string, Record<string, string>, readonly string[]]>([
    [
      'a name without a value',
      { ENDPOINT_URL: 'https://s.example.com/{{NONE}}' },
      ['endpoint_url {{ENDPOINT_URL}}: {{NONE}} has no value'],
    ],
    [
      'braces that are no name',
      { ENDPOINT_URL: 'https://s.example.com/{{NONE}' },
      ['endpoint_url {{ENDPOINT_URL}}: has braces that are no {{NAME}}'],
    ],
    ['an empty URL', { ENDPOINT_URL: '' }, ['endpoint_url {{ENDPOINT_URL}}: is no URL that may be called']],
    [
      'what is no URL',
      { WEBHOOK_URL: 'mailto:me' },
      ['webhook_url {{WEBHOOK_URL}}: is no URL that may be called'],
    ],
    [
      'a URL that is blocked',
      { FALLBACK_ENDPOINT_URL: 'https://{{T}}.example.com/', T: 'blocked' },
      ['fallback_endpoint_url {{FALLBACK_ENDPOINT_URL}}: is no URL that may be called'],
    ],
    [
      'a base with a path',
      { ENDPOINT_BASE_URL: 'https://b.example.com/path' },
      [
        'endpoint_url ENDPOINT_BASE_URL is not scheme, host and port alone',
        'fallback_endpoint_url ENDPOINT_BASE_URL is not scheme, host and port alone',
      ],
    ],
    [
      'numbers that are none, or out of their bounds',
      { TIMEOUT_SECS: '1e3', MAX_ATTEMPTS: '101' },
      [
        'timeout_secs TIMEOUT_SECS is not a whole number of 1 to 86400',
        'max_attempts MAX_ATTEMPTS is not a whole number of 1 to 100',
      ],
    ],
  ])('%s', (_, variables, problems) => {
    expect(called([layer(variables)])).toEqual(problems)
  })

  test('a value that would lead out of its host', () => {
    const templated = { ...version, endpointUrl: 'https://{{T}}.example.com/' }
    for (const T of ['evil.com/', 'evil.com#', 'a@evil.com', 'a:b'])
      expect(called([layer({ T })], { version: templated })).toEqual([
        'endpoint_url https://{{T}}.example.com/: is no URL that may be called',
      ])
  })

  test('a version with a name and no environment', () => {
    const templated = { ...version, endpointUrl: 'https://{{T}}.example.com/' }
    expect(called([], { version: templated })).toEqual([
      'endpoint_url https://{{T}}.example.com/: {{T}} has no value',
    ])
  })

  test('a URL of the version that no variable touched is left to whoever calls it', () => {
    const blocked = { ...version, endpointUrl: 'https://blocked.example.com/' }
    expect(called([layer({ TIMEOUT_SECS: '5' })], { version: blocked })).toEqual(
      put(0, 'https://blocked.example.com/').with(3, 5),
    )
  })
})

describe('what is shown', () => {
  test('which variables were used, and names in the place of their values', () => {
    const resolved = resolve([
      layer({ ENDPOINT_BASE_URL: 'https://{{T}}.example.com', T: 'acme', UNUSED: 'x', TIMEOUT_SECS: '5' }),
      layer({ WEBHOOK_URL: 'https://w.example.com/secret' }),
    ])
    expect(resolved).toMatchObject({
      call: {
        endpoint: { maskedUrl: '{{ENDPOINT_BASE_URL}}/hook?a=1' },
        fallback: { maskedUrl: '{{ENDPOINT_BASE_URL}}/hook' },
        webhook: { maskedUrl: '{{WEBHOOK_URL}}' },
        used: ['ENDPOINT_BASE_URL', 'T', 'TIMEOUT_SECS', 'WEBHOOK_URL'],
      },
    })
  })

  const names = fc.constantFrom(
    'ENDPOINT_URL',
    'ENDPOINT_BASE_URL',
    'FALLBACK_ENDPOINT_URL',
    'WEBHOOK_URL',
    'T',
    'P',
  )
  const hosts = fc.stringMatching(/^[a-z]{8,12}$/)
  const shapes: Readonly<Record<string, (secret: string) => string>> = {
    ENDPOINT_BASE_URL: (secret) => `https://${secret}.example.com`,
    T: (secret) => secret,
    P: (secret) => secret,
  }
  const aValue = (name: string, secret: string) =>
    (shapes[name] ?? ((path: string) => `https://{{T}}.example.com/${path}`))(secret)
  const templated = { ...version, endpointUrl: 'https://{{T}}.example.com/{{P}}' }

  test('two lines with the same names and other values look the same, whatever comes of them', () => {
    const lines = fc.array(fc.uniqueArray(names, { maxLength: 4 }), { maxLength: 5 })
    fc.assert(
      fc.property(lines, hosts, hosts, (line, one, other) => {
        const shownFor = (secret: string) => {
          const resolved = resolve(
            line.map((set) => layer(Object.fromEntries(set.map((name) => [name, aValue(name, secret)])))),
            { version: templated },
          )
          if (!resolved.ok) return resolved.problems
          const { endpoint, fallback, webhook, used } = resolved.call
          return [endpoint.maskedUrl, fallback?.maskedUrl, webhook?.maskedUrl, used]
        }
        expect(shownFor(one)).toEqual(shownFor(other))
        expect(JSON.stringify(shownFor(one))).not.toContain(one)
      }),
      { seed: 20_260_102, numRuns: 1_000 },
    )
  })
})

describe('a line', () => {
  const sets = fc.dictionary(
    fc.constantFrom('A', 'B', 'C', 'D', '__proto__', 'constructor'),
    fc.string({ maxLength: 5 }),
  )
  const layers = fc
    .record({ plain: sets, overrides: fc.dictionary(fc.constantFrom('the-job', 'other'), sets) })
    .map(({ plain, overrides }) => layer(plain, overrides))

  test('has of every name what the last environment that sets it says, at any depth', () => {
    fc.assert(
      fc.property(fc.array(layers, { maxLength: 10 }), (line) => {
        const variables = variablesFor(line, 'the-job')
        for (const name of ['A', 'B', 'C', 'D', '__proto__', 'constructor']) {
          const last = (pick: (each: EnvironmentLayer) => ReadonlyMap<string, string> | undefined) =>
            line.map((each) => pick(each)?.get(name)).findLast((value) => value !== undefined)
          const expected = last((each) => each.jobOverrides.get('the-job')) ?? last((each) => each.variables)
          expect(variables.get(name)).toBe(expected)
        }
      }),
      { seed: 20_260_102, numRuns: 500 },
    )
  })

  test('merged in parts is the same as merged at once', () => {
    fc.assert(
      fc.property(fc.array(layers, { maxLength: 8 }), fc.nat({ max: 8 }), (line, at) => {
        const inParts = mergeLine([mergeLine(line.slice(0, at)), ...line.slice(at)])
        expect(inParts).toEqual(mergeLine(line))
      }),
      { seed: 20_260_102, numRuns: 300 },
    )
  })
})
