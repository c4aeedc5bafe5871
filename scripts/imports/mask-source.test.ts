import { expect, test } from 'vitest'
import { maskSource } from './mask-source.ts'

/** What is left of a source, with every blank shown as a dot. */
const shown = (source: string) => maskSource(source).replaceAll(' ', '.')

test('keeps code, length and lines', () => {
  const source = "const a = 1 // one\n/* two\nlines */ const b = 'x'\n"
  const mask = maskSource(source)
  expect(mask).toHaveLength(source.length)
  expect(mask.split('\n')).toHaveLength(source.split('\n').length)
  expect(mask).toContain('const a = 1')
  expect(mask).toContain("const b = ' '")
})

test.each([
  ['a line comment', 'a // setTimeout()', 'a................'],
  ['a block comment', 'a /* b */ c', 'a.........c'],
  ['a string', "f('a b')", "f('...')"],
  ['an escaped quote', "f('a\\'b')c", "f('....')c"],
  ['a comment inside a string', "f('// no')c", "f('.....')c"],
  ['a string inside a comment', "// it's\nb", '.......\nb'],
  ['a template', 'f(`a b`)c', 'f(`...`)c'],
  ['code inside a template', 'f(`a${b}c`)', 'f(`.${b}.`)'],
  ['an object inside a template', 'f(`${{ b: 1 }.b}c`)', 'f(`${{.b:.1.}.b}.`)'],
  ['a template inside a template', 'f(`a${`b${c}`}d`)e', 'f(`.${`.${c}`}.`)e'],
  ['a regular expression with a quote', "f(/'/)c", "f('.')c"],
  ['a regular expression with a slash in a class', 'f(/[/"]/)c', "f('....')c"],
  ['a regular expression after return', "return /'/", "return.'.'"],
  ['a division', 'a / b / c', 'a./.b./.c'],
  ['a division after a call', "f(a) / g('b') / 2", "f(a)./.g('.')./.2"],
])('blanks %s', (_, source, expected) => {
  expect(shown(source)).toBe(expected)
})

test('a string that is never closed ends with its line', () => {
  expect(shown("a 'b\nc")).toBe("a.'.\nc")
})
