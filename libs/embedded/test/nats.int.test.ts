import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { isAlive } from '../src/process-identity.ts'
import { startNats } from '../src/start-nats.ts'
import { kill, setup, startInParent, startStranger } from './fixtures/setup.ts'

/** One request to JetStream, in NATS' own words. */
function ask(port: number, subject: string, body = ''): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, '127.0.0.1').setEncoding('utf8').on('error', reject)
    socket.write(
      `CONNECT {"verbose":false}\r\nSUB answer 1\r\nPUB ${subject} answer ${body.length}\r\n${body}\r\n`,
    )
    socket.on('data', (text) => {
      received += text
      const [, answer] = /MSG answer 1 \d+\r\n(.*)\r\n/.exec(received) ?? []
      if (!answer) return
      socket.destroy()
      resolve(JSON.parse(answer))
    })
  })
}

const stream = JSON.stringify({ name: 'KEPT', subjects: ['kept'], storage: 'file' })

test('a stream is kept between starts', async () => {
  const { dataDir, keep } = setup()
  const first = await keep(startNats({ dataDir }))
  expect(await ask(first.port, '$JS.API.STREAM.CREATE.KEPT', stream)).not.toHaveProperty('error')
  await first.stop()
  const second = await keep(startNats({ dataDir }))
  expect(second.url).toBe(`nats://127.0.0.1:${second.port}`)
  expect(await ask(second.port, '$JS.API.STREAM.INFO.KEPT')).toMatchObject({ config: { name: 'KEPT' } })
})

test('a server whose parent was killed is stopped, and its store is there', async () => {
  const { dataDir, keep, log } = setup()
  const { parent, server, url } = await startInParent('nats', dataDir)
  await ask(Number(new URL(url).port), '$JS.API.STREAM.CREATE.KEPT', stream)
  await kill(parent)
  expect(isAlive(server)).toBe(true)
  const next = await keep(startNats({ dataDir, log: (line) => log.push(line) }))
  expect(isAlive(server)).toBe(false)
  expect(await ask(next.port, '$JS.API.STREAM.INFO.KEPT')).toMatchObject({ config: { name: 'KEPT' } })
  expect(log).toEqual([expect.stringContaining(`process ${server.pid}`)])
})

test('the id of an ended server that was given to another process is not touched', async () => {
  const { dataDir, keep } = setup()
  const first = await keep(startNats({ dataDir }))
  const record = JSON.parse(readFileSync(`${dataDir}.pid.json`, 'utf8'))
  await first.stop()
  const stranger = await startStranger()
  writeFileSync(`${dataDir}.pid.json`, JSON.stringify({ ...record, pid: stranger.pid }))
  await keep(startNats({ dataDir }))
  expect(stranger.isAlive()).toBe(true)
})

test('a record that is not whole is as good as none', async () => {
  const { dataDir, keep } = setup()
  writeFileSync(`${dataDir}.pid.json`, '{"pid": 1')
  const server = await keep(startNats({ dataDir }))
  expect(JSON.parse(readFileSync(`${dataDir}.pid.json`, 'utf8'))).toMatchObject({
    pid: server.pid,
    port: server.port,
  })
})

test('an orderly stop leaves no record and can be repeated', async () => {
  const { dataDir, keep } = setup()
  const { stop, exited } = await keep(startNats({ dataDir }))
  await Promise.all([stop(), stop()])
  await stop()
  expect(await exited).toEqual({ code: 0, signal: null })
  expect(existsSync(`${dataDir}.pid.json`)).toBe(false)
})

test('two starts at once on two folders get two ports', async () => {
  const [a, b] = [setup(), setup()]
  const [first, second] = await Promise.all([
    a.keep(startNats({ dataDir: a.dataDir })),
    b.keep(startNats({ dataDir: b.dataDir })),
  ])
  expect(first.port).not.toBe(second.port)
})

test('a port that is taken is said in one line', async () => {
  const [a, b] = [setup(), setup()]
  const { port } = await a.keep(startNats({ dataDir: a.dataDir }))
  await expect(startNats({ dataDir: b.dataDir, port })).rejects.toThrow(
    `port ${port} on 127.0.0.1 is taken: nats-server cannot listen there, choose another`,
  )
})

test('a program that cannot be run is said in one line', async () => {
  const { dataDir } = setup()
  await expect(startNats({ dataDir, natsServer: '/no/such/nats-server' })).rejects.toThrow(
    'nats-server cannot be run: /no/such/nats-server: no such file or folder',
  )
})

test('a process that only speaks of such a server is left alone', async () => {
  const { dataDir, keep } = setup()
  const stranger = await startStranger('--jetstream', '--store_dir', dataDir, '--addr', '127.0.0.1')
  await keep(startNats({ dataDir }))
  expect(stranger.isAlive()).toBe(true)
})
