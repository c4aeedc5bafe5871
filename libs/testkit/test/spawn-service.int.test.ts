import { expect, test } from 'vitest'
import { spawnService } from '../src/spawn-service.ts'

test('a service that ends before it is ready is told with its exit code and its own words', async () => {
  const env = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', NODE_OPTIONS: '--no-such-option' }
  await expect(spawnService({ service: 'catalog', env })).rejects.toThrow(
    /catalog ended before it was ready: \{"code":9,"signal":null\}\n.*--no-such-option/,
  )
})

test('a service that never gets ready is given up', async () => {
  // Waits for ever before its own code begins.
  const env = {
    NODE_OPTIONS: '--import=data:text/javascript,setInterval(()=>{},1e3);await(new(Promise)(()=>{}))',
  }
  await expect(spawnService({ service: 'catalog', env, readyTimeoutMs: 500 })).rejects.toThrow(
    'waited 500 ms in vain for catalog to be ready',
  )
})
