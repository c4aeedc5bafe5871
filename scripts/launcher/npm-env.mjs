// What npm put into our environment, for whom it is meant.
//
// `npm start` tells its script everything that npm is configured with, as npm_* variables. A program we start must not see
// them: a nested npm would take another's prefix and command line for its own. What fetches packages does need a part of
// them: where the registry is, who we are there, and the way through a proxy.

const networkSettings =
  /^npm_config_(registry|proxy|https?_proxy|noproxy|cafile|ca|cert|key|strict_ssl|userconfig|globalconfig|cache|fetch_.+|@.+:registry|\/\/.+)$/i

// pnpm reads the user's .npmrc and npm's credentials, but these under its own name only.
const pnpmSettings =
  /^npm_config_(registry|proxy|https_proxy|noproxy|cafile|ca|cert|key|strict_ssl|@.+:registry)$/i

/** The environment for programs that have nothing to do with npm. */
export function withoutNpm(env) {
  return pick(env, (name) => !name.startsWith('npm_'))
}

/** The environment for npx and pnpm: how to reach the registry, and nothing else of npm's. */
export function forPackageManagers(env) {
  const npm = pick(env, (name, value) => networkSettings.test(name) && value !== '')
  const pnpm = pick(npm, (name) => pnpmSettings.test(name))
  const renamed = Object.entries(pnpm).map(([name, value]) => [`p${name.toLowerCase()}`, value])
  return { ...withoutNpm(env), ...npm, ...Object.fromEntries(renamed) }
}

function pick(env, wanted) {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => wanted(name, value)))
}
