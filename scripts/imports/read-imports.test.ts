import { expect, test } from 'vitest'
import { readImports } from './read-imports.ts'

test.each([
  ['a named import', "import { a, b as c } from 'x'", 'x'],
  ['a default and a named import', "import d, { a } from 'x'", 'x'],
  ['a namespace', "import * as all from 'x/y'", 'x/y'],
  ['an import for its effect', "import 'x'", 'x'],
  ['an import over several lines', "import {\n  a,\n  b,\n} from './x.ts'", './x.ts'],
  ['a re-export', "export { a } from 'x'", 'x'],
  ['a re-export of everything', "export * from 'x'", 'x'],
  ['a dynamic import', "const a = await import('x')", 'x'],
  ['a type taken from an import', "type A = import('x').A", 'x'],
  ['a require', "createRequire(import.meta.url)('y'); require('x')", 'x'],
  ['a resolved name', "import.meta.resolve('x')", 'x'],
  ['an attribute', "import data from './x.json' with { type: 'json' }", './x.json'],
])('sees %s', (_, source, specifier) => {
  expect(readImports(source)).toEqual([{ specifier, line: 1, typeOnly: false }])
})

test.each(["import type { A } from 'x'", "import type A from 'x'", "export type { A } from 'x'"])(
  'knows that `%s` is erased',
  (source) => {
    expect(readImports(source)).toEqual([{ specifier: 'x', line: 1, typeOnly: true }])
  },
)

test.each([
  ['a comment', "// import { a } from 'x'"],
  ['a string', 'const a = "import { a } from \'x\'"'],
  ['a template', "const a = `import('x')`"],
  ['a name put together at run time', 'import(`@scope/${platform}`)'],
  ['a method called import', "a.import('x')"],
  ['a function called from', "export const b = from('x')"],
])('sees no import in %s', (_, source) => {
  expect(readImports(source)).toEqual([])
})

test('gives each import the line on which its statement begins', () => {
  const source = "// first\nimport a from 'a'\n\nexport {\n  b\n}\nimport type { C } from 'c'\nimport 'd'\n"
  expect(readImports(source)).toEqual([
    { specifier: 'a', line: 2, typeOnly: false },
    { specifier: 'c', line: 7, typeOnly: true },
    { specifier: 'd', line: 8, typeOnly: false },
  ])
})

test('an import whose default is called type is a value', () => {
  expect(readImports("import type from 'x'")).toEqual([{ specifier: 'x', line: 1, typeOnly: false }])
})
