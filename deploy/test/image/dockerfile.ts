// Reads a Dockerfile into its stages. It knows what ours uses: comments, continued lines, flags, the exec form. Anything
// else stays text, and whoever carries the instructions out stumbles over it.

/** One instruction: its word, its flags, and the rest of its line. */
export interface Instruction {
  readonly word: string
  readonly flags: readonly string[]
  readonly rest: string
}

/** One FROM and what follows it. */
export interface Stage {
  readonly name: string
  readonly from: string
  readonly instructions: readonly Instruction[]
}

export interface Dockerfile {
  /** Arguments before the first FROM, with their defaults. */
  readonly args: Readonly<Record<string, string>>
  readonly stages: readonly Stage[]
}

export function readDockerfile(text: string): Dockerfile {
  const args: Record<string, string> = {}
  const stages: (Stage & { readonly instructions: Instruction[] })[] = []
  for (const instruction of readInstructions(text)) {
    const stage = stages.at(-1)
    if (instruction.word === 'FROM') {
      const [from = '', , name = String(stages.length)] = instruction.rest.split(/\s+/)
      stages.push({ name, from, instructions: [] })
    } else if (stage !== undefined) stage.instructions.push(instruction)
    else if (instruction.word === 'ARG') Object.assign(args, readAssignment(instruction.rest))
    else throw new Error(`${instruction.word} before the first FROM`)
  }
  return { args, stages }
}

function readInstructions(text: string): Instruction[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*(?:#|$)/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line) => {
    const [, word, flags = '', rest] = /^(\w+)((?:\s+--\S+)*)\s+(.*)$/.exec(line) ?? []
    if (word === undefined || rest === undefined) throw new Error(`not an instruction: ${line}`)
    return { word, flags: flags.split(/\s+/).filter((flag) => flag !== ''), rest: rest.trim() }
  })
}

/** `NAME=value`, or `NAME` alone, which has no default. */
export function readAssignment(text: string): Readonly<Record<string, string>> {
  const at = text.indexOf('=')
  return at < 0 ? {} : { [text.slice(0, at)]: text.slice(at + 1).replace(/^"(.*)"$/, '$1') }
}

/** The words of an exec form; the shell form, which hides signals from the program, is an error. */
export function readExecForm(text: string): readonly [string, ...string[]] {
  const words: unknown = text.startsWith('[') ? JSON.parse(text) : undefined
  const [program, ...args] = Array.isArray(words) ? words.map(String) : []
  if (program === undefined) throw new Error(`not in exec form: ${text}`)
  return [program, ...args]
}

/** Puts build arguments in the place of `${NAME}`; a name that is not set is an empty text, as it is for Docker. */
export function substitute(text: string, args: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => args[name] ?? '')
}
