import { expect, test } from 'vitest'
import { type Access, createAccessCheck, keyCaller, ownProjectOf } from './access.ts'
import { createFailureLimit } from './failure-limit.ts'
import { createKeyVerifier } from './key-verifier.ts'

const callerOf = (id: string, ...scopes: string[]) => ({
  actor: `apikey:${id}`,
  projectId: 'p1',
  scopes: new Set(scopes),
})
const alice = callerOf('alice', 'jobs:read')
const boss = callerOf('boss', 'admin')
const nobody = callerOf('nobody')
const operator = keyCaller({ keyId: 'operator', projectId: undefined, scopes: ['deployment'] })
const known = new Map(
  [alice, boss, nobody, operator].map((caller) => [
    `strait_${caller.actor.slice('apikey:'.length)}_x`,
    caller,
  ]),
)

/** A check, how often it asked about keys, and a clock to turn. */
function setup(perMinute = 60) {
  let now = 0
  let asked = 0
  const keys = createKeyVerifier(
    async (texts) => {
      asked += texts.length
      return texts.map((text) => {
        const caller = known.get(text)
        return caller && { caller, endsAt: undefined }
      })
    },
    { now: () => now, wall: () => now },
  )
  const failures = createFailureLimit(perMinute, () => now)
  const serviceTokens = ['the present token', 'the previous token']
  const check = createAccessCheck({ serviceTokens, keys, failures })
  const readJobs: Access = { who: 'scope', scope: 'jobs:read' }
  return {
    readJobs,
    keys,
    ask: (access: Access, authorization?: string, address = 'here') =>
      check(access, { authorization, address }),
    asked: () => asked,
    pass: (ms: number) => {
      now += ms
    },
  }
}

const token: Access = { who: 'service_token' }

test('a valid API key with the scope is its project', async () => {
  const { ask, readJobs } = setup()
  expect(await ask(readJobs, 'Bearer strait_alice_x')).toEqual(alice)
  expect(await ask(readJobs, 'bearer   strait_alice_x')).toEqual(alice)
})

test('a key without the scope is refused with the scope that it lacks; no scope is no access', async () => {
  const { ask, readJobs } = setup()
  const trigger: Access = { who: 'scope', scope: 'jobs:trigger' }
  const refused = { reason: 'NOT_ALLOWED', metadata: { scope: 'jobs:trigger' } }
  await expect(ask(trigger, 'Bearer strait_alice_x')).rejects.toMatchObject(refused)
  await expect(ask(readJobs, 'Bearer strait_nobody_x')).rejects.toMatchObject({ reason: 'NOT_ALLOWED' })
})

test('admin is every scope', async () => {
  const { ask } = setup()
  expect(await ask({ who: 'scope', scope: 'audit:read' }, 'Bearer strait_boss_x')).toEqual(boss)
})

test('a key of the deployment opens its own methods and the management of projects, and nothing else', async () => {
  const { ask, readJobs } = setup()
  const operators = 'Bearer strait_operator_x'
  expect(await ask({ who: 'scope', scope: 'deployment' }, operators)).toBe(operator)
  expect(await ask({ who: 'scope', scope: 'projects:manage' }, operators)).toBe(operator)
  for (const scope of ['jobs:read', 'keys:manage', 'audit:read', 'admin'])
    await expect(ask({ who: 'scope', scope }, operators)).rejects.toMatchObject({
      reason: 'NOT_ALLOWED',
      metadata: { scope },
    })
  await expect(ask(token, operators)).rejects.toMatchObject({ reason: 'KEY_INVALID' })
  expect(await ask(readJobs, 'Bearer strait_alice_x')).toBe(alice)
})

test('admin opens nothing of the deployment', async () => {
  const { ask } = setup()
  await expect(ask({ who: 'scope', scope: 'deployment' }, 'Bearer strait_boss_x')).rejects.toMatchObject({
    reason: 'NOT_ALLOWED',
    metadata: { scope: 'deployment' },
  })
})

test('a key of the deployment has no project, and whoever asks it for one refuses the call', () => {
  expect(ownProjectOf(operator)).toBeUndefined()
  expect(() => operator.projectId).toThrow('bound to no project')
  expect(ownProjectOf(alice)).toBe('p1')
})

test('both service tokens open the internal services, and no API key does', async () => {
  const { ask } = setup()
  const internal = { actor: 'system:internal', projectId: '', scopes: new Set() }
  expect(await ask(token, 'Bearer the present token')).toEqual(internal)
  expect(await ask(token, 'Bearer the previous token')).toEqual(internal)
  await expect(ask(token, 'Bearer strait_boss_x')).rejects.toMatchObject({ reason: 'KEY_INVALID' })
})

test('a service token is no API key', async () => {
  const { ask, readJobs } = setup()
  await expect(ask(readJobs, 'Bearer the present token')).rejects.toMatchObject({ reason: 'KEY_INVALID' })
})

test.each([undefined, '', 'strait_alice_x', 'Basic c3RyYWl0', 'Bearer', 'Bearer  '])(
  '%j is no key at all',
  async (header) => {
    const { ask, readJobs } = setup()
    await expect(ask(readJobs, header)).rejects.toMatchObject({ reason: 'KEY_MISSING' })
    await expect(ask(token, header)).rejects.toMatchObject({ reason: 'KEY_MISSING' })
  },
)

test('a method for anyone asks for nothing', async () => {
  const { ask, asked } = setup()
  expect(await ask({ who: 'anyone' })).toMatchObject({ actor: 'anyone', projectId: '' })
  expect(asked()).toBe(0)
})

test('a server without service tokens lets nobody into its internal services', async () => {
  const { keys } = setup()
  const closed = createAccessCheck({ serviceTokens: [''], keys, failures: createFailureLimit(60) })
  const here = { address: 'here' }
  await expect(closed(token, { ...here, authorization: 'Bearer ' })).rejects.toMatchObject({
    reason: 'KEY_MISSING',
  })
  await expect(closed(token, { ...here, authorization: 'Bearer x' })).rejects.toMatchObject({
    reason: 'KEY_INVALID',
  })
})

test('an address with too many wrong keys waits, and nobody is asked about what it shows', async () => {
  const { ask, readJobs, asked, pass } = setup(3)
  const wrong = (n: number, address?: string) => ask(readJobs, `Bearer strait_wrong_${n}`, address)
  for (const n of [1, 2, 3]) await expect(wrong(n)).rejects.toMatchObject({ reason: 'KEY_INVALID' })
  await expect(wrong(4)).rejects.toMatchObject({ reason: 'TOO_MANY_FAILURES', retryAfterMs: 20_000 })
  // A good key that was not seen before waits too: it cannot be told from a guess without asking.
  await expect(ask(readJobs, 'Bearer strait_alice_x')).rejects.toMatchObject({ reason: 'TOO_MANY_FAILURES' })
  expect(asked()).toBe(3)
  // Another address does not.
  await expect(wrong(5, 'there')).rejects.toMatchObject({ reason: 'KEY_INVALID' })
  pass(20_000)
  await expect(wrong(6)).rejects.toMatchObject({ reason: 'KEY_INVALID' })
  await expect(wrong(7)).rejects.toMatchObject({ reason: 'TOO_MANY_FAILURES' })
})

test('an address that shows its wrong keys all at once may not show more of them', async () => {
  const { ask, asked, readJobs, pass } = setup(5)
  const flood = async () => {
    const guesses = Array.from({ length: 100 }, (_, i) => ask(readJobs, `Bearer strait_alice_guess${i}`))
    const settled = await Promise.allSettled(guesses)
    return settled.map((one) => (one.status === 'rejected' ? one.reason.reason : 'let in'))
  }
  expect((await flood()).filter((reason) => reason === 'KEY_INVALID')).toHaveLength(5)
  expect(asked()).toBe(5)
  pass(12_000)
  expect((await flood()).filter((reason) => reason === 'KEY_INVALID')).toHaveLength(1)
})

test('good keys that nobody knew yet are let in all at once, one key however often it is shown', async () => {
  const { ask, readJobs } = setup(2)
  const callers = Array.from({ length: 50 }, () => ask(readJobs, 'Bearer strait_alice_x'))
  expect(await Promise.all([...callers, ask(readJobs, 'Bearer strait_boss_x')])).toHaveLength(51)
})

test('a key that is known to be good passes from an address that has to wait, also when it is asked about again', async () => {
  const { ask, readJobs, pass } = setup(1)
  await ask(readJobs, 'Bearer strait_alice_x')
  await expect(ask(readJobs, 'Bearer strait_wrong_1')).rejects.toMatchObject({ reason: 'KEY_INVALID' })
  await expect(ask(readJobs, 'Bearer strait_wrong_2')).rejects.toMatchObject({ reason: 'TOO_MANY_FAILURES' })
  expect(await ask(readJobs, 'Bearer strait_alice_x')).toEqual(alice)
  pass(5_000)
  expect(await ask(readJobs, 'Bearer strait_alice_x')).toEqual(alice)
})

test('wrong service tokens are counted, and the right one passes all the same', async () => {
  const { ask } = setup(1)
  await expect(ask(token, 'Bearer wrong')).rejects.toMatchObject({ reason: 'KEY_INVALID' })
  await expect(ask(token, 'Bearer wrong')).rejects.toMatchObject({ reason: 'TOO_MANY_FAILURES' })
  expect(await ask(token, 'Bearer the present token')).toMatchObject({ actor: 'system:internal' })
})
