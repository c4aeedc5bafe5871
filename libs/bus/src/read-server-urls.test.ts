import { expect, test } from 'vitest'
import { readServerUrls } from './read-server-urls.ts'

test.each([
  ['nats://localhost:4333', { servers: ['localhost:4333'] }],
  ['nats.example.com', { servers: ['nats.example.com:4222'] }],
  ['nats://[::1]:4333', { servers: ['[::1]:4333'] }],
  ['nats://a:1, nats://b', { servers: ['a:1', 'b:4222'] }],
  ['nats://me:s%40cret1@a', { servers: ['a:4222'], user: 'me', pass: 's@cret1' }],
  ['nats://s3cret@a', { servers: ['a:4222'], token: 's3cret' }],
  ['tls://a', { servers: ['a:4222'], tls: {} }],
])('%s says where to connect and as whom', (text, addresses) => {
  expect(readServerUrls(text)).toEqual(addresses)
})

test.each(['', 'http://a', 'nats://', 'nats://a:b:c'])('"%s" is refused', (text) => {
  expect(() => readServerUrls(text)).toThrow('not one like nats://host:4222')
})
