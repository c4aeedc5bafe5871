import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

test('a gateway needs no setting at all', () => {
  expect(readConfig({})).toMatchObject({
    ok: true,
    values: {
      port: 8080,
      opsPort: 9080,
      catalogUrl: 'http://127.0.0.1:8081',
      dispatcherUrl: 'http://127.0.0.1:8083',
    },
  })
})

test('a service may be reached in TLS', () => {
  const read = readConfig({ STRAIT_CATALOG_URL: 'https://catalog.example' })
  expect(read).toMatchObject({ ok: true, values: { catalogUrl: 'https://catalog.example' } })
})

test.each(['catalog:8081', 'http://catalog/v1', 'http://a:b@catalog', 'http://catalog/?x', 'ftp://catalog'])(
  'a service cannot be at %s',
  (url) => {
    const read = readConfig({ STRAIT_CATALOG_URL: url })
    expect(read.ok ? [] : read.problems).toEqual([
      `STRAIT_CATALOG_URL must be an origin like http://catalog:8081, not "${url}"`,
    ])
  },
)
