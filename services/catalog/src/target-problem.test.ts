import { type AllowList, parseAllowList, publicOnly } from '@strait/egress/address'
import { expect, test } from 'vitest'
import { createTargetProblem } from './target-problem.ts'

function allowing(...texts: string[]): AllowList {
  const parsed = parseAllowList(texts)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.allow
}

const deployment = allowing('10.0.0.0/8', '127.0.0.0/8')

test('without a list of its own a project may call what the deployment allows', () => {
  const problemOf = createTargetProblem(deployment)
  expect(problemOf('http://10.1.2.3/')).toBeUndefined()
  expect(problemOf('http://localhost:3000/')).toBeUndefined()
  expect(problemOf('https://example.com/')).toBeUndefined()
  expect(problemOf('http://192.168.0.1/')).toBe('must not call a private address: 192.168.0.1')
  expect(problemOf('ftp://example.com')).toBe('must start with http:// or https://')
})

test('what is not public must be allowed by the deployment and by the project', () => {
  const problemOf = createTargetProblem(deployment, ['10.1.0.0/16:8443', '192.168.0.0/16'])
  expect(problemOf('https://10.1.2.3:8443/')).toBeUndefined()
  expect(problemOf('https://8.8.8.8/')).toBeUndefined()
  expect(problemOf('https://10.1.2.3/')).toBe(
    "must not call a private address: 10.1.2.3 is not in the project's egress_allow",
  )
  expect(problemOf('http://localhost/')).toContain("is not in the project's egress_allow")
  expect(problemOf('http://192.168.0.1/')).toBe('must not call a private address: 192.168.0.1')
  expect(problemOf('http://169.254.169.254/')).toContain('metadata')
})

test('a deployment that allows nothing is not opened by a project', () => {
  const problemOf = createTargetProblem(publicOnly(), ['10.0.0.0/8'])
  expect(problemOf('http://10.1.2.3/')).toBe('must not call a private address: 10.1.2.3')
})
