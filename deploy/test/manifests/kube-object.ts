// Kubernetes objects as they stand in YAML, with the parts that are looked at here.

type Labels = Readonly<Record<string, string>>

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels }
}

export interface EnvEntry {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean }
  }
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string | number }
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly env?: readonly EnvEntry[]
  readonly startupProbe?: Probe
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly lifecycle?: { readonly preStop?: { readonly exec?: { readonly command: readonly string[] } } }
  readonly securityContext?: object
}

export interface Pod {
  readonly metadata: { readonly labels: Labels; readonly annotations?: Labels }
  readonly spec: {
    readonly containers: readonly Container[]
    readonly serviceAccountName?: string
    readonly automountServiceAccountToken?: boolean
    readonly enableServiceLinks?: boolean
    readonly terminationGracePeriodSeconds?: number
    readonly securityContext?: object
    readonly volumes?: readonly { readonly configMap?: { readonly name: string } }[]
  }
}

/** A Deployment, a StatefulSet or a Job: what runs pods. */
export interface Workload extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    readonly selector?: { readonly matchLabels: Labels }
    readonly template: Pod
  }
}

export interface KubeService extends KubeObject {
  readonly spec: {
    readonly selector: Labels
    readonly ports: readonly { readonly port: number; readonly targetPort: string | number }[]
  }
}

export interface Selector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values: readonly string[]
  }[]
}

export const workloadsOf = (objects: readonly KubeObject[]) =>
  objects.filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind)) as Workload[]

export const servicesOf = (objects: readonly KubeObject[]) =>
  objects.filter(({ kind, apiVersion }) => kind === 'Service' && apiVersion === 'v1') as KubeService[]

/** Whether a selector takes these labels. */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(
      ({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''),
    )
  )
}
