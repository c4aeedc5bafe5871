import { expect, test } from 'vitest'

type Env = Readonly<Record<string, string>>

// The launcher is plain JavaScript, because it runs before anything is installed.
const { withoutNpm, forPackageManagers }: Record<string, (env: Env) => Env> = await import(
  new URL('npm-env.mjs', import.meta.url).href
)

test('a program sees nothing that npm set, and everything else', () => {
  const env = { PATH: '/bin', npm_config_prefix: '/x', npm_lifecycle_event: 'start', NPM_TOKEN: 't' }
  expect(withoutNpm!(env)).toEqual({ PATH: '/bin', NPM_TOKEN: 't' })
})

test('npx learns the way to the registry, and not where its parent stood', () => {
  const way = { npm_config_userconfig: '/u', 'npm_config_//r.example/:_authToken': 't', NPM_TOKEN: 't' }
  const stand = {
    npm_config_prefix: '/x',
    npm_config_package: 'a',
    npm_config_call: 'b',
    npm_config_noproxy: '',
  }
  expect(forPackageManagers!({ ...way, ...stand })).toEqual(way)
})

test('pnpm is told the registry and the proxy under its own names', () => {
  const env = {
    npm_config_registry: 'http://r/',
    NPM_CONFIG_HTTPS_PROXY: 'http://p/',
    npm_config_cafile: '/c',
  }
  expect(forPackageManagers!(env)).toEqual({
    ...env,
    pnpm_config_registry: 'http://r/',
    pnpm_config_https_proxy: 'http://p/',
    pnpm_config_cafile: '/c',
  })
})
