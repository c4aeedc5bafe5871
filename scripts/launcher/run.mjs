// Runs one program for the person at the terminal and ends as it ends.
//
// The program gets a process group of its own. A Ctrl-C reaches our whole group, and npm passes the signal on once more, so
// we may see it twice; `kill` reaches us alone. Whatever came, the program hears of it once. It also hears when we are
// gone without a word: after a kill -9 of us by the end of its channel (stop-with-launcher.mjs), after one of npm because
// we see that our parent changed. When it is gone, what it left in its group is ended too.

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { withoutNpm } from './npm-env.mjs'

const preload = new URL('stop-with-launcher.mjs', import.meta.url).href

// A second Ctrl-C of a person comes later than the echo of the first, and is passed on as well.
const ECHO_MS = 2_000
const PARENT_CHECK_MS = 500

/** Runs a Node program in the foreground; returns the exit code to end with, 128 + n after signal n. */
export async function runNode(node, args) {
  const child = spawn(node, ['--import', preload, ...args], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      ...withoutNpm(process.env),
      // Programs that begin with `#!/usr/bin/env node` find the same Node.
      PATH: `${dirname(node)}:${process.env.PATH}`,
      STRAIT_LAUNCHER_PID: String(process.pid),
    },
  })
  const { code } = await follow(child, (signal) => child.kill(signal))
  return code
}

/** Runs a tool in silence; returns its exit code and what it printed. */
export async function runTool(file, args, env) {
  const child = spawn(file, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env })
  let stdout = ''
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  // A tool has no order in which to stop: its whole group is told.
  const { code, error, told } = await follow(child, (signal) => killGroup(child, signal))
  return { code, stdout, output: error ? error.message : output, told }
}

async function follow(child, tell) {
  let told
  let lastTold = Number.NEGATIVE_INFINITY
  const pass = (signal) => {
    if (performance.now() - lastTold < ECHO_MS) return
    lastTold = performance.now()
    told = signal
    tell(signal)
  }
  const handlers = {
    SIGINT: () => pass('SIGINT'),
    SIGTERM: () => pass('SIGTERM'),
    SIGHUP: () => pass('SIGTERM'),
  }
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler)
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event && process.ppid !== parent) pass('SIGTERM')
  }, PARENT_CHECK_MS)
  try {
    return { ...(await endOf(child)), told }
  } finally {
    clearInterval(watch)
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler)
    killGroup(child, 'SIGKILL')
  }
}

function endOf(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ code: 127, error })
    })
    child.once('close', (code, signal) => resolve({ code: code ?? 128 + constants.signals[signal] }))
  })
}

function killGroup(child, signal) {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Nobody is left in it.
  }
}
