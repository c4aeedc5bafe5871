import { runNode } from './run.mjs'
import { LaunchError, prepare, root } from './toolchain.mjs'

/** Runs Node programs one after the other, with the project's own Node, and ends with the first failure's code. */
export async function launch(programs) {
  process.chdir(root)
  try {
    const node = await prepare()
    for (const args of programs) {
      process.exitCode = await runNode(node, args)
      if (process.exitCode !== 0) return
    }
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error
    console.error(error.message)
    process.exitCode = error.code
  }
}
