// A service's name is also its schema's and its role's: it is written into SQL and into startup options unquoted.

/** Refuses a name that could not stand unquoted as schema and role. */
export function assertServiceName(name: string): void {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) {
    throw new Error(`"${name}" is not a service name: lower-case letters, digits and underscores only`)
  }
}
