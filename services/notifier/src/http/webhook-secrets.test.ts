import { expect, test } from 'vitest'
import { createWebhookSecrets } from './webhook-secrets.ts'

test('the secrets of many jobs are one question, in which each job stands once', async () => {
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
  expect(asked).toEqual([
    ['a', 'b'],
    ['b', 'c'],
  ])
})

test('an answer that leaves a job out is no answer', async () => {
  const secretsOf = createWebhookSecrets(async () => [])
  await expect(secretsOf(['a'])).rejects.toThrow('did not answer')
})

test('a replaced secret is used at the next question, and one that is known never stands in for an answer', async () => {
  let answer: () => readonly string[] = () => ['old']
  const secretsOf = createWebhookSecrets(async (jobIds) => jobIds.map(answer))
  expect((await secretsOf(['a'])).get('a')).toEqual(['old'])
  answer = () => ['new', 'old']
  expect((await secretsOf(['a'])).get('a')).toEqual(['new', 'old'])
  answer = () => {
    throw new Error('the catalog is away')
  }
  await expect(secretsOf(['a'])).rejects.toThrow('away')
})
