// What one call costs the server, door by door: CPU of the server's process for 1,000 unary calls of TriggerJob with a key, 32 at a
// time, the caller in another process. The first calls of each door only warm it up.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Call, closeCalls, http2Call, httpCall } from './door-calls.ts'
import { median, round, type Scenario, spread } from './scenario.ts'

const atOnce = 32
const serverFile = fileURLToPath(new URL('doors-server.ts', import.meta.url))

interface Figures {
  readonly cpu: number[]
  readonly rate: number[]
}

/** Measures every door in turns. */
export const doors: Scenario = async ({ calls, rounds }) => {
  const child = fork(serverFile, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  try {
    const [{ port, barePort }] = await once(child, 'message')
    const all = allDoors(port, barePort)
    const figures = new Map(all.map(([name]) => [name, { cpu: [], rate: [] } as Figures]))
    for (const [, call] of all) await repeat(call, Math.min(calls, 5_000))
    for (let i = 0; i < rounds; i++)
      for (const [name, call] of all) await measure(child, call, calls, figures.get(name) as Figures)
    await closeCalls()
    const bare = median(figures.get('bare node:http')?.cpu ?? [])
    return Array.from(figures, ([door, { cpu, rate }]) => ({
      door,
      'server CPU, ms per 1,000 calls': spread(cpu),
      'times bare': round(median(cpu) / bare),
      'calls/s': round(median(rate)),
    }))
  } finally {
    child.kill('SIGKILL')
  }
}

function allDoors(port: number, barePort: number): readonly (readonly [string, Call])[] {
  return [
    ['bare node:http', httpCall(barePort, 'rest')],
    ['Connect JSON, HTTP/1.1', httpCall(port, 'connect+json')],
    ['Connect binary, HTTP/1.1', httpCall(port, 'connect+proto')],
    ['REST, HTTP/1.1', httpCall(port, 'rest')],
    ['gRPC-Web, HTTP/1.1', httpCall(port, 'grpc-web')],
    ['gRPC, HTTP/2', http2Call(port, 'grpc')],
    ['Connect JSON, HTTP/2', http2Call(port, 'connect+json')],
    ['REST, HTTP/2', http2Call(port, 'rest')],
  ]
}

async function measure(child: ChildProcess, call: Call, calls: number, figures: Figures): Promise<void> {
  const before = await cpuMs(child)
  const begun = performance.now()
  await repeat(call, calls)
  figures.rate.push(calls / ((performance.now() - begun) / 1_000))
  figures.cpu.push(((await cpuMs(child)) - before) / (calls / 1_000))
}

async function cpuMs(child: ChildProcess): Promise<number> {
  const answered = once(child, 'message')
  child.send('cpu')
  const [{ user, system }] = await answered
  return (user + system) / 1_000
}

async function repeat(call: Call, calls: number): Promise<void> {
  let left = calls
  const caller = async () => {
    while (left-- > 0) await call()
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
}
