/**
 * The environment for a child process: ours without what npm and libpq put there. Inherited `npm_*` variables change
 * what a nested npm does, and `PG*` variables would change which Postgres is spoken to.
 */
export function cleanEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(npm_|PG)/.test(name)))
}
