import { sampleSecrets } from '../services.ts'
import type { Container, EnvEntry } from './kube-object.ts'

/** The Secret that everything refers to and that no manifest of the base makes. */
export const secretName = 'strait-secrets'

/** What a container would find in its environment, with samples for secrets. */
export function environmentOf({ env = [] }: Container): Readonly<Record<string, string>> {
  return Object.fromEntries(env.map((entry) => [entry.name, sampleOf(entry)]))
}

function sampleOf({ name, value, valueFrom }: EnvEntry): string {
  if (value !== undefined) return value
  const key = valueFrom?.secretKeyRef?.key ?? ''
  const sample = sampleSecrets[key]
  if (sample === undefined) throw new Error(`${name} comes from a secret ${key} of which there is no sample`)
  return sample
}
