import { describe, expect, test } from 'vitest'
import { readDockerfile, readExecForm, substitute } from './dockerfile.ts'

describe('a Dockerfile is read', () => {
  const { args, stages } = readDockerfile(`# syntax=docker/dockerfile:1
ARG VERSION=24
FROM node:\${VERSION} AS first
RUN --mount=type=cache,target=/store \\
  # said in between
  make \\
  all
COPY a b ./

FROM first
LABEL a="b c" \\
  d="e"
`)

  test('into the arguments before its stages', () => {
    expect(args).toEqual({ VERSION: '24' })
  })

  test('into stages with a name, or a number where they have none', () => {
    expect(stages.map(({ name, from }) => [name, from])).toEqual([
      ['first', 'node:$' + '{VERSION}'],
      ['1', 'first'],
    ])
  })

  test('into instructions, continued lines joined, comments left out, flags apart', () => {
    expect(stages.map(({ instructions }) => instructions)).toEqual([
      [
        { word: 'RUN', flags: ['--mount=type=cache,target=/store'], rest: 'make all' },
        { word: 'COPY', flags: [], rest: 'a b ./' },
      ],
      [{ word: 'LABEL', flags: [], rest: 'a="b c" d="e"' }],
    ])
  })

  test('and what is no instruction is an error', () => {
    expect(() => readDockerfile('FROM a\nrubbish')).toThrow('not an instruction: rubbish')
    expect(() => readDockerfile('RUN make')).toThrow('RUN before the first FROM')
  })
})

test('arguments are put where they are named, and nothing where they are not set', () => {
  expect(substitute('a/$' + '{X}/$' + '{Y}', { X: 'x' })).toBe('a/x/')
})

test('the exec form is a list of words, the shell form is refused', () => {
  expect(readExecForm('["node", "a b.ts"]')).toEqual(['node', 'a b.ts'])
  expect(() => readExecForm('node a.ts')).toThrow('not in exec form')
})
