import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkImports, rules } from './check-imports.ts'

type Files = Readonly<Record<string, string>>

const manifest = (name: string, more: object = {}) => JSON.stringify({ name, ...more })
const needs = (...names: string[]) => ({ dependencies: Object.fromEntries(names.map((name) => [name, '*'])) })

/** A small house in order, with look-alikes of what the rules forbid. */
const house: Files = {
  'package.json': manifest('strait'),
  'libs/contracts/package.json': manifest('@strait/contracts', {
    exports: { './*_pb': './gen/strait/*_pb.js', './*': './src/*.ts' },
    ...needs('@bufbuild/protobuf'),
  }),
  'libs/contracts/gen/strait/jobs/v1/job_pb.js': "import { fileDesc } from '@bufbuild/protobuf/codegenv2'\n",
  'libs/contracts/src/clients.ts': "import { JobSchema } from '@strait/contracts/jobs/v1/job_pb'\n",
  'libs/domain/package.json': manifest('@strait/domain', { exports: { './*': './src/*.ts' } }),
  'libs/domain/src/ids.ts':
    "import { randomUUID } from 'node:crypto'\nexport const newId = () => randomUUID()\n",
  'libs/domain/src/delay.ts':
    '// not Date.now(), not setTimeout(), not JSON.parse()\nexport const at = (text: string) => [new Date(text), new Date(0)]\n',
  'libs/domain/src/json/parse-json.ts':
    'export const parseJson = (text: string): unknown => JSON.parse(text)\n',
  'libs/domain/src/put.test.ts': "export const a = JSON.parse('{}')\n",
  'libs/postgres/package.json': manifest('@strait/postgres', {
    exports: { './*': './src/*.ts' },
    ...needs('pg'),
  }),
  'libs/postgres/src/pool.ts': "import { Pool } from 'pg'\nexport const openPool = () => new Pool()\n",
  'libs/testkit/package.json': manifest('@strait/testkit', {
    exports: { './*': './src/*.ts' },
    ...needs('vitest'),
  }),
  'libs/testkit/src/late.ts':
    "import { expect } from 'vitest'\nexport const late = () => setTimeout(expect, 1)\n",
  'services/jobs/package.json': manifest('@strait/jobs', {
    exports: { './app': './src/app.ts' },
    ...needs('@strait/contracts', '@strait/domain', '@strait/postgres', 'kysely'),
    devDependencies: { '@strait/testkit': '*', '@types/kysely': '*' },
  }),
  'services/jobs/src/app.ts':
    "import type { Kysely } from 'kysely'\nimport type { Rows } from './store/tables.ts'\nimport './rpc/get.ts'\nimport './news-codec.ts'\n",
  'services/jobs/src/domain/admit.ts':
    "import { createHash } from 'node:crypto'\nimport { at } from '@strait/domain/delay'\nimport type { Config } from '../config.ts'\nexport const admit = (now: Date, process: Map<string, Config>) => [at, createHash, now, process]\n",
  'services/jobs/src/config.ts':
    "import { readFileSync } from 'node:fs'\nexport type Config = typeof readFileSync\n",
  'services/jobs/src/rpc/get.ts': "import { JobSchema } from '@strait/contracts/jobs/v1/job_pb'\n",
  'services/jobs/src/news-codec.ts': "import { JobSchema } from '@strait/contracts/jobs/v1/job_pb'\n",
  'services/jobs/src/store/tables.ts': 'export interface Rows { readonly id: string }\n',
  'services/jobs/src/store/find.ts':
    "import { sql } from 'kysely'\nimport { openPool } from '@strait/postgres/pool'\nimport type { Rows } from './tables.ts'\n",
  'services/jobs/test/story.int.test.ts':
    "import { test } from 'vitest'\nimport { late } from '@strait/testkit/late'\nimport { openPool } from '@strait/postgres/pool'\n// no test.only here\ntest('a word on .skip and sleep(1)', () => late(only.skip))\n",
  'services/standalone/package.json': manifest('@strait/standalone', needs('@strait/jobs')),
  'services/standalone/src/main.ts': "import { createApp } from '@strait/jobs/app'\n",
}

function broken(files: Files): string[] {
  const root = mkdtempSync(join(tmpdir(), 'strait-imports-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return Array.from(checkImports(root), ([rule, findings]) =>
    findings.map(({ file, line, what }) => `${rule.name}: ${file}:${line} ${what}`),
  ).flat()
}

test('a house in order breaks no rule', () => {
  expect(broken(house)).toEqual([])
})

/** Rule, the files that break it, and where it must be found broken. */
const breaks: readonly [rule: string, files: Files, found: string][] = [
  [
    'services meet in proto/ only',
    {
      'services/mail/package.json': manifest('@strait/mail', needs('@strait/jobs')),
      'services/mail/src/main.ts': "import { createApp } from '@strait/jobs/app'\n",
    },
    'services/mail/src/main.ts:1 imports the service @strait/jobs',
  ],
  [
    'services meet in proto/ only',
    { 'services/standalone/src/main.ts': "\nimport { find } from '@strait/jobs/store/find'\n" },
    "services/standalone/src/main.ts:2 imports @strait/jobs/store/find, which is the service's own affair",
  ],
  [
    'libs do not know the services',
    {
      'libs/domain/package.json': manifest('@strait/domain', {
        exports: { './*': './src/*.ts' },
        ...needs('@strait/jobs'),
      }),
      'libs/domain/src/all.ts': "import type { App } from '@strait/jobs/app'\n",
    },
    'libs/domain/src/all.ts:1 imports @strait/jobs/app',
  ],
  [
    'only doors see proto messages',
    { 'services/jobs/src/store/put.ts': "import type { Job } from '@strait/contracts/jobs/v1/job_pb'\n" },
    'services/jobs/src/store/put.ts:1 imports @strait/contracts/jobs/v1/job_pb',
  ],
  [
    'only store/ sees SQL and rows',
    { 'services/jobs/src/rpc/put.ts': "import { sql } from 'kysely'\n" },
    'services/jobs/src/rpc/put.ts:1 imports kysely',
  ],
  [
    'only store/ sees SQL and rows',
    { 'services/jobs/src/rpc/put.ts': "import type { Rows } from '../store/tables.ts'\n" },
    'services/jobs/src/rpc/put.ts:1 imports the row types of store/tables.ts',
  ],
  ...["db.selectFrom('jobs')", "db.insertInto<'jobs'>('jobs')", 'sql`select 1`'].map(
    (code): [string, Files, string] => [
      'statements are written in store/',
      { 'services/jobs/src/rpc/jobs/put.ts': `\nexport const a = ${code}\n` },
      'services/jobs/src/rpc/jobs/put.ts:2 ',
    ],
  ),
  [
    'generated code goes by its name',
    { 'libs/contracts/src/clients.ts': "import { JobSchema } from '../gen/strait/jobs/v1/job_pb.js'\n" },
    'libs/contracts/src/clients.ts:1 imports ../gen/strait/jobs/v1/job_pb.js',
  ],
  [
    'relative imports stay in their package',
    { 'services/jobs/src/rpc/put.ts': "import { at } from '../../../../libs/domain/src/delay.ts'\n" },
    'services/jobs/src/rpc/put.ts:1 imports ../../../../libs/domain/src/delay.ts',
  ],
  [
    'relative imports stay in their package',
    { 'scripts/seed.ts': "import { at } from '../libs/domain/src/delay.ts'\n" },
    'scripts/seed.ts:1 imports ../libs/domain/src/delay.ts',
  ],
  ...['JSON.parse(text)', 'rows.map(JSON.parse)', 'await answer.json()', 'fromJsonString(schema, text)'].map(
    (code): [string, Files, string] => [
      'JSON is read by parseJson',
      { 'services/jobs/src/rpc/put.ts': `\nexport const a = ${code}\n` },
      'services/jobs/src/rpc/put.ts:2 ',
    ],
  ),
  [
    'the domain is pure',
    { 'libs/domain/src/read.ts': "import { readFileSync } from 'node:fs'\n" },
    'libs/domain/src/read.ts:1 imports node:fs',
  ],
  [
    'the domain is pure',
    { 'services/jobs/src/domain/put.ts': "import type { Rows } from '../store/find.ts'\n" },
    'services/jobs/src/domain/put.ts:1 imports ../store/find.ts from store/',
  ],
  [
    'the domain is pure',
    {
      'services/jobs/src/domain/put.ts': "import { read } from '../read.ts'\n",
      'services/jobs/src/read.ts': "import { readFileSync } from 'node:fs'\n",
    },
    'services/jobs/src/domain/put.ts:1 reaches I/O: ../read.ts -> node:fs',
  ],
  [
    'the domain is pure',
    {
      'services/jobs/src/domain/jobs/put.ts': "import type { News } from '../../wire/news.ts'\n",
      'services/jobs/src/wire/news.ts': 'export type News = string\n',
    },
    'services/jobs/src/domain/jobs/put.ts:1 imports ../../wire/news.ts from wire/',
  ],
  ...["fetch('http://catalog')", 'console.log(1)'].map((code): [string, Files, string] => [
    'the domain calls nobody',
    { 'services/jobs/src/domain/put.ts': `\nexport const a = ${code}\n` },
    'services/jobs/src/domain/put.ts:2 ',
  ]),
  ...[
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'Math.random()',
    'setTimeout(done, 1)',
    'performance.now()',
    'process.env',
    "process['env']",
    'process',
    'globalThis',
    'AbortSignal.timeout(1)',
    "Math['random']()",
    'randomUUID()',
    'rows.map(randomUUID)',
    'randomFillSync(bytes)',
  ].map((code): [string, Files, string] => [
    'the domain has no clock and no dice',
    { 'services/jobs/src/domain/put.ts': `\nexport const a = ${code}\n` },
    'services/jobs/src/domain/put.ts:2 ',
  ]),
  [
    'every import is declared',
    { 'libs/domain/src/put.ts': "import { v7 } from 'uuid'\n" },
    'libs/domain/src/put.ts:1 imports uuid, which libs/domain/package.json does not name',
  ],
  [
    'every import is declared',
    {
      'libs/domain/package.json': manifest('@strait/domain', { devDependencies: { uuid: '*' } }),
      'libs/domain/src/put.ts': "import { v7 } from 'uuid'\n",
    },
    'libs/domain/src/put.ts:1 imports uuid at run time, but libs/domain/package.json has it in devDependencies',
  ],
  [
    'no unused dependency',
    {
      'libs/domain/package.json':
        '{\n  "name": "@strait/domain",\n  "dependencies": {\n    "uuid": "*"\n  }\n}',
    },
    'libs/domain/package.json:4 uuid is used nowhere',
  ],
  [
    'test tools stay in tests',
    { 'services/jobs/src/wait.ts': "import { late } from '@strait/testkit/late'\n" },
    'services/jobs/src/wait.ts:1 imports @strait/testkit/late',
  ],
  ...['test.only', 'describe.skip', 'it.concurrent.todo', 'test.skipIf(true)'].map(
    (code): [string, Files, string] => [
      'every test runs',
      { 'libs/domain/src/a.test.ts': `${code}('a', () => {})\n` },
      'libs/domain/src/a.test.ts:1 ',
    ],
  ),
  ...["test('a', { skip: true }, () => {})", "test('a', ({ skip }) => skip())", 'context.skip()'].map(
    (code): [string, Files, string] => [
      'every test runs',
      { 'libs/domain/src/a.test.ts': `${code}\n` },
      'libs/domain/src/a.test.ts:1 ',
    ],
  ),
  ...["import { setTimeout as wait } from 'node:timers/promises'", 'globalThis.setTimeout(done)'].map(
    (code): [string, Files, string] => [
      'tests wait for facts',
      { 'services/jobs/test/a.int.test.ts': `${code}\n` },
      'services/jobs/test/a.int.test.ts:1 ',
    ],
  ),
  ...['sleep(500)', 'setTimeout(done, 500)', 'new Promise((done) => setTimeout(done))'].map(
    (code): [string, Files, string] => [
      'tests wait for facts',
      { 'services/jobs/test/a.int.test.ts': `\nawait ${code}\n` },
      'services/jobs/test/a.int.test.ts:2 ',
    ],
  ),
]

test.each(breaks)('finds broken: %s (%j)', (rule, files, found) => {
  const findings = broken({ ...house, ...files }).filter((one) => one.startsWith(rule))
  expect(findings).toEqual([expect.stringContaining(`${rule}: ${found}`)])
})

test.each(rules)('$name is shown broken by a fixture', ({ name }) => {
  expect(breaks.map(([rule]) => rule)).toContain(name)
})
