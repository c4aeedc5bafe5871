// Blanks what is not code: comments, the text of strings and templates, and regular expressions. The result has the
// same length and the same lines as the source, so a position in one is a position in the other, and a rule that
// looks for `setTimeout(` finds calls, never a sentence about them. Quotes stay, so a reader of the mask knows where
// a string stood and can take its text from the source.
//
// It does not parse. A slash begins a regular expression unless it follows a value; after `)` and `}` it is taken for a
// division, which is right for all but `if (x) /re/.test(y)`, and a string never reaches past its line: a wrong
// guess costs one line, not the rest of the file.

const wordsBeforeAValue = new Set(
  'await case default delete do else extends in instanceof new of return throw typeof void yield'.split(' '),
)

/** The source with comments, string texts and regular expressions turned into spaces. */
export function maskSource(source: string): string {
  const mask = source.split('')
  // One number per open template: how many braces are open inside its current `${…}`.
  const templates: number[] = []
  let at = 0

  const blank = (from: number, to: number) => {
    for (let i = from; i < to; i++) if (mask[i] !== '\n') mask[i] = ' '
  }

  const skipTemplateText = () => {
    const from = at
    while (at < source.length && source[at] !== '`' && !source.startsWith('${', at)) {
      at += source[at] === '\\' ? 2 : 1
    }
    blank(from, Math.min(at, source.length))
    if (source[at] === '`') templates.pop()
    at += source[at] === '`' ? 1 : 2
  }

  while (at < source.length) {
    const char = source[at]
    if (source.startsWith('//', at)) {
      const end = endOfLine(source, at)
      blank(at, end)
      at = end
    } else if (source.startsWith('/*', at)) {
      const close = source.indexOf('*/', at + 2)
      const end = close < 0 ? source.length : close + 2
      blank(at, end)
      at = end
    } else if (char === "'" || char === '"') {
      const end = endOfString(source, at)
      blank(at + 1, end)
      at = end + 1
    } else if (char === '`') {
      templates.push(0)
      at += 1
      skipTemplateText()
    } else if (char === '/' && beginsRegExp(mask, at)) {
      const end = endOfRegExp(source, at)
      blank(at, end)
      mask[at] = "'"
      if (end > at + 1) mask[end - 1] = "'"
      at = end
    } else if (templates.length > 0 && char === '{') {
      templates[templates.length - 1] = (templates.at(-1) ?? 0) + 1
      at += 1
    } else if (templates.length > 0 && char === '}') {
      const open = templates.at(-1) ?? 0
      at += 1
      if (open === 0) skipTemplateText()
      else templates[templates.length - 1] = open - 1
    } else {
      at += 1
    }
  }
  return mask.join('')
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf('\n', from)
  return end < 0 ? source.length : end
}

function endOfString(source: string, from: number): number {
  const quote = source[from]
  for (let i = from + 1; i < source.length; i++) {
    if (source[i] === '\\') i += 1
    else if (source[i] === quote || source[i] === '\n') return i
  }
  return source.length
}

function endOfRegExp(source: string, from: number): number {
  let inClass = false
  for (let i = from + 1; i < source.length; i++) {
    const char = source[i]
    if (char === '\n') return i
    if (char === '\\') i += 1
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (char === '/' && !inClass) return i + 1
  }
  return source.length
}

/** Reads backwards over the mask, in which comments before the slash are blank already. */
function beginsRegExp(mask: readonly string[], at: number): boolean {
  let i = at - 1
  while (i >= 0 && /\s/.test(mask[i] ?? '')) i -= 1
  const before = mask[i]
  if (before === undefined) return true
  if (!/[\w$)\]}'"`]/.test(before)) return true
  let word = ''
  for (; i >= 0 && /[\w$]/.test(mask[i] ?? ''); i--) word = `${mask[i]}${word}`
  return wordsBeforeAValue.has(word) && mask[i] !== '.'
}
