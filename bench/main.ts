// `npm run bench -- <scenario> [--calls N] [--rounds N] [--json]`: measures one thing and prints a table. Machines are noisy and
// shared, so everything that is compared runs in turns within one call, and what is told is the median of the rounds, with
// the least and the most.

import { parseArgs } from 'node:util'
import { doors } from './doors.ts'
import type { Scenario } from './scenario.ts'

const scenarios: Readonly<Record<string, Scenario>> = { doors }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    calls: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const [name = ''] = positionals
const scenario = scenarios[name]
const calls = Number(values.calls)
const rounds = Number(values.rounds)
if (scenario === undefined) fail(`which one: ${Object.keys(scenarios).join(', ')}?`)
else if (!Number.isSafeInteger(calls) || calls < 100) fail('--calls is a whole number from 100 on')
else if (!Number.isSafeInteger(rounds) || rounds < 1) fail('--rounds is a whole number from 1 on')
else {
  const rows = await scenario({ calls, rounds })
  process.stdout.write(`${values.json ? JSON.stringify(rows, null, 2) : table(rows)}\n`)
}

function fail(sentence: string): void {
  process.stderr.write(`bench: ${sentence}\n`)
  process.exitCode = 1
}

function table(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const lines = [
    columns,
    columns.map(() => '---'),
    ...rows.map((row) => columns.map((column) => row[column])),
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
