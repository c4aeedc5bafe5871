import { describe, expect, test } from 'vitest'
import { type AllowList, isAllowed, parseAllowList } from './address.ts'
import { checkProjectEntry, narrowAllowList } from './project-allow.ts'

function allowing(...texts: string[]): AllowList {
  const parsed = parseAllowList(texts)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.allow
}

const deployment = allowing('10.0.0.0/8', '192.168.0.0/16:8080', 'fd00::/8')

describe("an entry of a project's list", () => {
  test.each([
    ['10.1.0.0/16', '10.1.0.0/16'],
    [' 10.1.2.3 ', '10.1.2.3/32'],
    ['10.1.2.3:8443', '10.1.2.3/32:8443'],
    ['10.1.2.3/32:8443', '10.1.2.3/32:8443'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['192.168.7.0/24', '192.168.7.0/24'],
    ['fd00::/8', 'fd00::/8'],
    ['fd00::/8:443', '[fd00::]/8:443'],
    ['[FD00:0::]/8:443', '[fd00::]/8:443'],
    ['[fd00::1]', 'fd00::1/128'],
    ['[fd00::]/16', 'fd00::/16'],
  ])('%j is stored as %s', (text, entry) => {
    expect(checkProjectEntry(text, deployment)).toEqual({ ok: true, entry })
    expect(checkProjectEntry(entry, deployment)).toEqual({ ok: true, entry })
  })

  test.each([
    ['', 'is not an IP range'],
    ['example.com', 'is not an IP range'],
    ['[10.0.0.0]/8:443', 'is not an IP range'],
    ['[fd00::]/129', 'has a prefix longer than 128 bits'],
    ['[fd00::]/8:0', 'has a port outside'],
    ['10.1.2.3/16', 'write 10.1.0.0/16'],
    ['169.254.169.254', 'never allowed'],
    ['[fd00:ec2::254]/128:80', 'never allowed'],
    ['172.16.0.0/12', 'which is these beside public addresses: 10.0.0.0/8, 192.168.0.0/16:8080, fd00::/8'],
    ['192.168.7.0/24:80', 'is outside what the deployment allows'],
    ['8.8.8.0/24', 'is outside what the deployment allows'],
    ['::ffff:10.0.0.0/104', 'is outside what the deployment allows'],
  ])('%j is refused: it %s', (text, reason) => {
    expect(checkProjectEntry(text, deployment)).toEqual({
      ok: false,
      reason: expect.stringContaining(reason),
    })
  })

  test('where the deployment allows nothing, nothing is to be had', () => {
    expect(checkProjectEntry('10.0.0.0/8', allowing())).toEqual({
      ok: false,
      reason: 'is outside what the deployment allows, which is nothing beside public addresses',
    })
  })
})

describe("a deployment's list narrowed by a project's", () => {
  test('no list takes nothing away', () => {
    expect(narrowAllowList(deployment, [])).toBe(deployment)
  })

  test('an address is allowed exactly when both lists allow it', () => {
    const lists = [
      ['10.1.0.0/16'],
      ['0.0.0.0/0'],
      ['192.168.0.0/16', 'fd00:1::/32'],
      ['192.168.7.0/24:9090'],
      ['10.1.2.3/32:80', '::/0:443'],
      ['172.16.0.0/12'],
    ]
    const addresses = [
      '10.1.2.3',
      '10.2.0.1',
      '192.168.7.1',
      '192.168.8.1',
      '172.16.0.1',
      'fd00:1::1',
      'fd00:2::1',
    ]
    const asked = ['8.8.8.8', '169.254.169.254', '::ffff:10.1.2.3', ...addresses]
    for (const list of lists)
      for (const ip of asked)
        for (const port of [80, 443, 8080, 9090]) {
          const both = isAllowed(ip, port, deployment) && isAllowed(ip, port, allowing(...list))
          expect(isAllowed(ip, port, narrowAllowList(deployment, list)), `${list} ${ip}:${port}`).toBe(both)
        }
  })

  test('of two lists of everything, metadata is not part', () => {
    const all = narrowAllowList(allowing('0.0.0.0/0', '::/0'), ['0.0.0.0/0', '::/0'])
    expect(isAllowed('10.0.0.1', 80, all)).toBe(true)
    for (const ip of ['169.254.169.254', 'fd00:ec2::254']) expect(isAllowed(ip, 80, all)).toBe(false)
  })
})
