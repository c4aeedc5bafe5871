import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkDocs, rules } from './check-docs.ts'
import { renderConfiguration } from './config-docs.ts'
import { renderErrors } from './errors-docs.ts'
import { renderLifecycle } from './lifecycle-docs.ts'

type Files = Readonly<Record<string, string>>

const decision = (number: number) =>
  `# ${number}. A decision\n\n## Context\n\nWhy.\n\n## Decision\n\nWhat.\n\n## Consequences\n\nThis.\n`

/** A small house whose pages are in order, with look-alikes of what the rules forbid. */
const house: Files = {
  'package.json': JSON.stringify({ name: 'house', devDependencies: { runner: 'catalog:' } }),
  'pnpm-workspace.yaml':
    "packages:\n  - libs/*\n\ncatalog:\n  '@scope/one': 1.0.0\n  runner: 1.0.0\n\nother: {}\n",
  'libs/domain/package.json': JSON.stringify({
    name: '@strait/domain',
    dependencies: { '@scope/one': 'catalog:', '@strait/other': 'workspace:*' },
  }),
  'libs/domain/src/run-state.ts': "export const moves = { queued: ['done'], done: [] }\n",
  'proto/strait/errors/v1/errors.proto': [
    'syntax = "proto3";',
    'package strait.errors.v1;',
    '// Why.',
    'enum Reason {',
    '  REASON_UNSPECIFIED = 0;',
    '  // ABORTED. Somebody was faster.',
    '  REASON_LATE = 1;',
    '}',
  ].join('\n'),
  'libs/service-kit/src/refusal.ts': 'export const reasonCodes = { LATE: 10 }\n',
  'libs/contracts/src/rest-status.ts': 'export const restStatusOf = () => 409\n',
  'docs/rest.md': '# REST\n\n## When it says no\n',
  'services/mail/src/config.ts':
    "const setting = { env: 'MAIL_MS', doc: 'How long.', fallback: 5, required: false, secret: false, bounds: '1 to 9', read: Number }\nexport const settings = { setting }\n",
  'docs/dependencies.md': '# Dependencies\n\n- `@scope/*`: says why.\n- `runner`: says why.\n',
  'docs/adr/0001-first.md': decision(1),
  'docs/adr/0002-second.md': `${decision(2)}\nIt named \`libs/gone.ts\`.\n`,
  'docs/adr/template.md': '# Number. Title\n',
  'docs/run-lifecycle.md': '# A run\n\nWords.\n',
  'docs/keys-at-rest.md': '# Keys at rest\n\nWords.\n',
  'README.md': [
    '# A house',
    '## Who lives here?',
    '[page](docs/run-lifecycle.md) [part](#who-lives-here) [code](libs/domain/src) [site](https://example.com/gone)',
    '`libs/domain/src/run-state.ts` `services/<name>/x.ts` `gone/file.ts` `[a](b)`',
    '```',
    '[no link](gone.md) `libs/none.ts`',
    '```',
  ].join('\n'),
}

async function build(files: Files): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'strait-docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const [path, text] of Object.entries({ ...house, ...files })) write(path, text)
  const made = {
    'docs/configuration.md': renderConfiguration,
    'docs/errors.md': renderErrors,
    'docs/run-lifecycle.md': renderLifecycle,
  }
  for (const [path, render] of Object.entries(made)) if (!(path in files)) write(path, await render(folder))
  return folder
}

async function broken(files: Files): Promise<string[]> {
  const found = await checkDocs(await build(files))
  return Array.from(found, ([rule, findings]) =>
    findings.map(({ file, line, what }) => `${rule.name}: ${file}:${line} ${what}`),
  ).flat()
}

test('pages in order break no rule', async () => {
  expect(await broken({})).toEqual([])
})

/** Rule, the files that break it, and where it must be found broken. */
const breaks: readonly [rule: string, files: Files, found: string][] = [
  [
    'the page of settings is what the services read',
    { 'docs/configuration.md': '# Configuration\n' },
    'docs/configuration.md:1 differs from here on',
  ],
  [
    "the figure of a run's life is the table of moves",
    { 'docs/run-lifecycle.md': '# A run\n\n```mermaid\nstateDiagram-v2\n  [*] --> queued\n```\n' },
    'docs/run-lifecycle.md:6 differs from here on',
  ],
  [
    'the page of errors is what the schema says and the doors answer',
    { 'docs/errors.md': '# Errors\n' },
    'docs/errors.md:1 differs from here on',
  ],
  [
    'every dependency has its reason',
    { 'docs/dependencies.md': '- `@scope/one`: says why.\n' },
    'docs/dependencies.md:1 runner is not on the list',
  ],
  [
    'every dependency has its reason',
    { 'docs/dependencies.md': `${house['docs/dependencies.md']}- \`gone\`: says why.\n` },
    'docs/dependencies.md:5 no package of ours depends on gone',
  ],
  [
    'every dependency has its reason',
    { 'docs/dependencies.md': `${house['docs/dependencies.md']}- \`runner\`: says why.\n` },
    'docs/dependencies.md:5 runner stands twice',
  ],
  [
    'every dependency has its reason',
    { 'pnpm-workspace.yaml': 'catalog:\n  runner: 1.0.0\n  gone: 1.0.0\n' },
    'pnpm-workspace.yaml:3 no package of ours asks for gone',
  ],
  ['links lead somewhere', { 'docs/a.md': '[a](gone.md)\n' }, 'docs/a.md:1 gone.md is not there'],
  [
    'links lead somewhere',
    { 'docs/a.md': '\n[a](../../x.md)\n' },
    'docs/a.md:2 ../../x.md leads out of the project',
  ],
  [
    'links lead somewhere',
    { 'docs/a.md': '[a](/docs)\n' },
    'docs/a.md:1 /docs is a link from the root of a disk',
  ],
  [
    'links lead somewhere',
    { 'docs/a.md': '[a](../README.md#gone)\n' },
    'docs/a.md:1 ../README.md#gone: README.md has no such heading',
  ],
  ['files that are named exist', { 'docs/a.md': '`libs/gone.ts`\n' }, 'docs/a.md:1 names libs/gone.ts'],
  [
    'decisions are numbered and whole',
    { 'docs/adr/0004-fourth.md': decision(4) },
    'docs/adr/0004-fourth.md:1 should begin with 0003-',
  ],
  [
    'decisions are numbered and whole',
    { 'docs/adr/0002-second.md': decision(7) },
    'docs/adr/0002-second.md:1 should begin with "# 2. "',
  ],
  [
    'decisions are numbered and whole',
    { 'docs/adr/0002-second.md': '# 2. A decision\n\n## Context\n\n## Consequences\n' },
    'docs/adr/0002-second.md:1 has no "## Decision"',
  ],
  [
    'decisions are numbered and whole',
    { 'docs/adr/0002-second.md': '# 2. A decision\n\n## Decision\n\n## Context\n\n## Consequences\n' },
    'docs/adr/0002-second.md:1 has its parts in another order',
  ],
]

test.each(breaks)('finds broken: %s (%j)', async (rule, files, found) => {
  const findings = (await broken(files)).filter((one) => one.startsWith(rule))
  expect(findings).toEqual([expect.stringContaining(`${rule}: ${found}`)])
})

test.each(rules)('$name is shown broken by a fixture', ({ name }) => {
  expect(breaks.map(([rule]) => rule)).toContain(name)
})
