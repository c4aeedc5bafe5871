import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from './json/parse-json.ts'
import { expressionsOf, readPayloadTemplate, type TemplatePiece } from './payload-template.ts'

function piecesOf(text: string): readonly TemplatePiece[] {
  const read = readPayloadTemplate(text)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.pieces
}

test('a string that is one expression is a value, any other is text, and the rest keeps its bytes', () => {
  expect(
    piecesOf('{ "id": "{{ payload.id }}",\n"n": 12345678901234567890.10, "t": "a {{x}}{{ y }} b" }'),
  ).toEqual([
    { kind: 'json', json: '{ "id": ' },
    { kind: 'value', path: '/id', expression: 'payload.id' },
    { kind: 'json', json: ',\n"n": 12345678901234567890.10, "t": ' },
    { kind: 'text', path: '/t', parts: ['a ', { expression: 'x' }, { expression: 'y' }, ' b'] },
    { kind: 'json', json: ' }' },
  ])
  expect(piecesOf('"{{ payload }}"')).toEqual([{ kind: 'value', path: '', expression: 'payload' }])
  expect(piecesOf('" {{ payload }}"')).toMatchObject([{ kind: 'text' }])
})

test('an expression ends at the braces that are outside of its own brackets, strings and comments', () => {
  const ends = [
    ['{{ {"a": {"b": 1}} }}', ['{"a": {"b": 1}}']],
    ['{{ "}}" }}', ['"}}"']],
    ["{{ '\\'}}' }}", ["'\\'}}'"]],
    ['{{ r"\\" + """a"}}""" }}', ['r"\\" + """a"}}"""']],
    ['{{ 1 // "}} }}', ['1 // "', undefined]],
    ['{{ a\n// "\n}}', ['a\n// "']],
  ] as const
  for (const [text, [expression, more]] of ends) {
    const read = readPayloadTemplate(JSON.stringify(text))
    if (more === undefined && read.ok) expect(expressionsOf(read.pieces)).toEqual([{ path: '', expression }])
    else expect(read.ok, text).toBe(text.includes('// "\n'))
  }
})

test('escapes in a string are read before braces are looked for', () => {
  expect(piecesOf('"\\u007b{ payload.x == \\"y\\" }}"')).toEqual([
    { kind: 'value', path: '', expression: 'payload.x == "y"' },
  ])
})

test.each([
  ['{"a": [1, {"b/c~": "{{ x"}]}', '/a/1/b~1c~0', 'has {{ without }}; as text they are written {{ "{{" }}'],
  ['["x }} y"]', '/0', 'has }} without {{; as text they are written {{ "}}" }}'],
  ['["{{ x }} }}"]', '/0', 'has }} without {{; as text they are written {{ "}}" }}'],
  ['{"{{ k }}": 1}', '/{{ k }}', 'has braces in a key; expressions stand in values only'],
  ['{"a": 1, "a": 2}', '/a', 'has the same key twice at character 13'],
  ['{', '', 'expects a key at character 2'],
  ['', '', 'expects a value at character 1'],
  ['['.repeat(65) + ']'.repeat(65), '/0'.repeat(64), 'is more than 64 levels deep at character 65'],
  [`"${'x'.repeat(1_048_575)}"`, '', 'is longer than 1048576 bytes'],
  [JSON.stringify(Array(1_001).fill('{{ a }}')), '', 'must have at most 1000 expressions'],
  [JSON.stringify('{{ a }}'.repeat(1_001)), '', 'must have at most 1000 expressions'],
])('%.40s is refused', (text, path, description) => {
  expect(readPayloadTemplate(text)).toEqual({ ok: false, problems: [{ path, description }] })
})

test('everything that is wrong is told, but not without end', () => {
  const read = readPayloadTemplate(JSON.stringify(Array(30).fill('}}')))
  expect(read).toMatchObject({ ok: false, problems: Array(20).fill({ description: expect.any(String) }) })
})

test('what holds no braces is one piece, the text itself', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), (text) => {
      fc.pre(!text.includes('{{') && !text.includes('}}') && readPayloadTemplate(text).ok)
      expect(piecesOf(text)).toEqual([{ kind: 'json', json: text }])
    }),
  )
})

test('with each expression put back where it stood, the pieces are the value again', () => {
  const leaf = fc.oneof(
    fc.string().filter((text) => !/[{}]/.test(text)),
    fc.constantFrom('{{ a }}', 'x {{ a }} y {{ b }}', '{{ {"k": [1]} }}'),
    fc.integer(),
    fc.constant(null),
  )
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('any')),
      fc.dictionary(fc.stringMatching(/^[a-z~/"\\\n]*$/), tie('any')),
    ),
  })).any
  fc.assert(
    fc.property(value, (any) => {
      const json = piecesOf(JSON.stringify(any)).map((piece) => {
        if (piece.kind === 'json') return piece.json
        if (piece.kind === 'value') return JSON.stringify(`{{ ${piece.expression} }}`)
        return JSON.stringify(
          piece.parts.map((part) => (typeof part === 'string' ? part : `{{ ${part.expression} }}`)).join(''),
        )
      })
      expect(parseJson(json.join(''))).toEqual(any)
    }),
  )
})
