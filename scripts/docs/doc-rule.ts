/** One place where a page is wrong. */
export interface DocFinding {
  readonly file: string
  readonly line: number
  readonly what: string
}

/** One thing that is asked of the pages, as data: what it is called, why it is asked, how it is found broken. */
export interface DocRule {
  readonly name: string
  /** One sentence for whoever broke it. */
  readonly why: string
  /** `root` is the folder of the project, `pages` are all of its Markdown files. */
  readonly check: (root: string, pages: readonly Page[]) => Promise<DocFinding[]> | DocFinding[]
}

/** A Markdown file. */
export interface Page {
  /** Path from the root, with forward slashes. */
  readonly path: string
  readonly text: string
  /** Its lines; those inside a fenced block are empty, because what stands there is no Markdown. */
  readonly lines: readonly string[]
}
