import { developmentAllow } from '@strait/egress/address'
import { expect, test } from 'vitest'
import { createTargetProblem } from '../../target-problem.ts'
import { checkJobOverrides, checkVariables, totalProblem } from './check-variables.ts'

const targetProblem = createTargetProblem(developmentAllow())

function problemsOf(variables: Readonly<Record<string, string>>): readonly string[] {
  const problems: string[] = []
  checkVariables('v', new Map(Object.entries(variables)), targetProblem, (path, description) =>
    problems.push(`${path} ${description}`),
  )
  return problems
}

test.each([
  { A: '' },
  { _: 'x' },
  { ['A'.repeat(128)]: 'x' },
  { A: '😀'.repeat(8_192) },
  { [`_${'a'.repeat(127)}`]: 'x' },
  { ENDPOINT_URL: `https://example.com/${'x'.repeat(2_028)}` },
  Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`V${i}`, 'x'])),
  JSON.parse('{"__proto__":"x","constructor":"y"}'),
  { ENDPOINT_URL: 'https://example.com/a?b=c' },
  { ENDPOINT_URL: 'https://{{TENANT}}.example.com:{{PORT}}/{{A}}{{B}}?q={{C}}' },
  { FALLBACK_ENDPOINT_URL: 'http://127.0.0.1:8080/' },
  { WEBHOOK_URL: 'https://{{HOST}}' },
  { ENDPOINT_BASE_URL: 'https://example.com' },
  { ENDPOINT_BASE_URL: 'http://{{HOST}}:{{PORT}}/' },
  { TIMEOUT_SECS: '1', MAX_ATTEMPTS: '100' },
  { TIMEOUT_SECS: '86400', MAX_ATTEMPTS: '1' },
  // Not one of the names that override: any text.
  { endpoint_url: 'anything', TIMEOUT: 'x' },
])('%j may be stored', (variables) => {
  expect(problemsOf(variables)).toEqual([])
})

const number = (name: string, max: number) => `v[${name}] must be a whole number of 1 to ${max} in digits`
const badName = (name: string) =>
  `v the name ${JSON.stringify(name)} must be letters, digits and _, 1 to 128 of them, and no digit first`
const origin =
  'v[ENDPOINT_BASE_URL] must be scheme, host and port alone, such as https://staging.example.com:8443'

test.each<[Readonly<Record<string, string>>, string]>([
  [{ '': 'x' }, badName('')],
  [{ '1A': 'x' }, badName('1A')],
  [{ 'A-B': 'x' }, badName('A-B')],
  [{ Ä: 'x' }, badName('Ä')],
  [{ 'A\n': 'x' }, badName('A\n')],
  [{ [`_${'a'.repeat(128)}`]: 'x' }, expect.stringContaining('1 to 128 of them')],
  [{ A: 'x'.repeat(8_193) }, 'v[A] must have at most 8192 characters'],
  [{ A: 'x\0' }, 'v[A] must not contain the NUL character'],
  [{ A: '\ud800' }, 'v[A] must be Unicode text'],
  [{ ENDPOINT_URL: '' }, 'v[ENDPOINT_URL] must not be empty'],
  [{ ENDPOINT_URL: 'ftp://x' }, 'v[ENDPOINT_URL] must start with http:// or https://'],
  [
    { WEBHOOK_URL: `https://example.com/${'x'.repeat(2_048)}` },
    'v[WEBHOOK_URL] must have at most 2048 characters',
  ],
  [{ WEBHOOK_URL: 'https://x/{{A}' }, 'v[WEBHOOK_URL] must have no braces but those of {{NAME}}'],
  [{ WEBHOOK_URL: 'https://10.0.0.1/{{A}}' }, 'v[WEBHOOK_URL] must not call a private address'],
  [{ FALLBACK_ENDPOINT_URL: 'https://a..b/' }, 'v[FALLBACK_ENDPOINT_URL] has an invalid host name'],
  [{ ENDPOINT_URL: 'https://0x7f.1/' }, 'v[ENDPOINT_URL] must write its IPv4 address plainly'],
  [{ ENDPOINT_BASE_URL: 'https://example.com/path' }, origin],
  [{ ENDPOINT_BASE_URL: 'https://example.com?' }, origin],
  [{ ENDPOINT_BASE_URL: '' }, origin],
  [{ ENDPOINT_BASE_URL: 'https://me@example.com' }, 'v[ENDPOINT_BASE_URL] must not carry credentials'],
  [{ ENDPOINT_BASE_URL: 'https://10.0.0.1' }, 'v[ENDPOINT_BASE_URL] must not call a private address'],
  ...['0', '86401', '-1', '1.0', '1e2', ' 1', '', '٣'].map((text): [Record<string, string>, string] => [
    { TIMEOUT_SECS: text },
    number('TIMEOUT_SECS', 86_400),
  ]),
  [{ MAX_ATTEMPTS: '101' }, number('MAX_ATTEMPTS', 100)],
])('%j may not', (variables, problem) => {
  expect(problemsOf(variables)).toEqual([problem])
})

test('so many variables are said to be too many and not one by one, and of many wrong ones some are named', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}`, 'x']))
  expect(problemsOf(many(201))).toEqual(['v must have at most 200 entries, not 201'])
  expect(problemsOf(many(200))).toHaveLength(20)
})

test('variables of single jobs are checked under the slug of each', () => {
  const problems: string[] = []
  const say = (path: string, description: string) => void problems.push(`${path} ${description}`)
  const bad = new Map([['TIMEOUT_SECS', 'x']])
  const overrides = new Map([
    ['No Job', bad],
    ['__proto__', bad],
    ['a-job', bad],
    ['constructor', new Map()],
  ])
  checkJobOverrides('o', overrides, targetProblem, say)
  expect(problems).toEqual([
    expect.stringMatching(/^o the slug "No Job" must be lowercase/),
    expect.stringMatching(/^o the slug "__proto__" must be lowercase/),
    'o[a-job].variables[TIMEOUT_SECS] must be a whole number of 1 to 86400 in digits',
  ])
  const many = new Map(Array.from({ length: 201 }, (_, i) => [`job-${i}`, new Map<string, string>()]))
  problems.length = 0
  checkJobOverrides('o', many, targetProblem, say)
  expect(problems).toEqual(['o must have at most 200 entries, not 201'])
  problems.length = 0
  checkJobOverrides('o', new Map([...many].slice(1)), targetProblem, say)
  expect(problems).toEqual([])
})

test('all together have a bound in bytes', () => {
  const of = (characters: number) => ({
    variables: new Map([['A', 'x']]),
    jobOverrides: new Map([['job', new Map([['A', 'ü'.repeat(characters)]])]]),
  })
  expect(totalProblem(of(1024 * 1024 - 100))).toBeUndefined()
  expect(totalProblem(of(1024 * 1024))).toMatch(
    /^must have at most 2097152 bytes, those for single jobs included/,
  )
})
