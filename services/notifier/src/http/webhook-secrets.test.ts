import { expect, test } from 'vitest'
import { createWebhookSecrets } from './webhook-secrets.ts'

test('the secrets of many jobs are one question, which is not asked again at once', async () => {
  const asked: (readonly string[])[] = []
  const secretsOf = createWebhookSecrets(async (jobIds) => {
    asked.push(jobIds)
    return jobIds.map((id) => [`secret of ${id}`])
  })
  const first = await secretsOf(['a', 'b', 'a'])
  expect([...first]).toEqual([
    ['a', ['secret of a']],
    ['b', ['secret of b']],
  ])
  await secretsOf(['b', 'c'])
  expect(asked).toEqual([['a', 'b'], ['c']])
})

test('an answer that leaves a job out is no answer', async () => {
  const secretsOf = createWebhookSecrets(async () => [])
  await expect(secretsOf(['a'])).rejects.toThrow('did not answer')
})

test('a rotated secret is used five seconds later at the latest, counted from the question', async () => {
  let now = 1_000
  let secret = 'old'
  const secretsOf = createWebhookSecrets(
    async (jobIds) => {
      now += 1_000
      return jobIds.map(() => [secret])
    },
    () => now,
  )
  const secretAt = async (ms: number) => {
    now = ms
    return (await secretsOf(['a'])).get('a')
  }
  expect(await secretAt(1_000)).toEqual(['old'])
  secret = 'new'
  expect(await secretAt(5_999)).toEqual(['old'])
  expect(await secretAt(6_001)).toEqual(['new'])
})

test('a secret that is known is not used in place of an answer once it is old', async () => {
  let now = 1_000
  let away = false
  const secretsOf = createWebhookSecrets(
    async (jobIds) => {
      if (away) throw new Error('the catalog is away')
      return jobIds.map(() => ['secret'])
    },
    () => now,
  )
  await secretsOf(['a'])
  away = true
  now = 6_001
  await expect(secretsOf(['a'])).rejects.toThrow('away')
})
