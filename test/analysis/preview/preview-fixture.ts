/** A cluster of three revisions and workloads for it. Not a test. */

import { type PreviewReport, preview, type WorkloadPreview } from '../../../src/analysis/index.ts'
import type { InjectionRequest, Snapshot } from '../../../src/inject/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { requestFor, revision, snapshotOf } from '../../inject/revision-fixture.ts'

const sidecar = (name: string) => `spec:
  containers:
  - name: istio-proxy
    image: proxy:${name}
    {{- if isset .ObjectMeta.Annotations "cpu" }}
    resources: {requests: {cpu: "1"}}
    {{- end }}
    env:
    - {name: REV, value: "{{ .Revision }}"}
`
const NATIVE = `spec:
  initContainers:
  - name: istio-proxy
    image: proxy:native
    restartPolicy: Always
    env:
    - {name: REV, value: "{{ .Revision }}"}
`

const TEMPLATES: { readonly [name: string]: string } = {
  default: sidecar('default'),
  canary: sidecar('canary'),
  native: NATIVE,
  broken: '{{ fail "never" }}',
}

/** Revisions default, canary, native, broken; a tag prod for default. */
export function clusterWith(namespaces: { readonly [name: string]: { readonly [label: string]: string } }) {
  const revisions = new Map(
    Object.entries(TEMPLATES).map(([name, text]) => {
      const config = revision({ name, templates: { sidecar: text } })
      return [name, { name, namespace: 'istio-system', config }] as const
    }),
  )
  return snapshotOf(revision(), {
    revisions,
    tags: new Map([['prod', 'default']]),
    namespaces: new Map(
      Object.entries(namespaces).map(([name, labels]) => [
        name,
        { labels: new Map(Object.entries(labels)), annotations: new Map() },
      ]),
    ),
  })
}

export function byLabels(object: JsonObject, namespace = 'shop'): InjectionRequest {
  return requestFor(object, { target: { by: 'labels' }, namespace })
}

export interface Asked {
  readonly from?: string
  readonly to?: string
  readonly named?: readonly string[]
  readonly webhooks?: readonly JsonObject[]
}

export function previewOf(
  workloads: { readonly [title: string]: InjectionRequest },
  snapshot: Snapshot,
  { from, to = 'canary', named = [], webhooks = [] }: Asked = {},
): PreviewReport {
  const namespaces = new Set(named)
  return preview(
    {
      workloads: Object.entries(workloads).map(([title, request]) => ({ title, request })),
      from: from === undefined ? undefined : { name: from, namespaces },
      to: { name: to, namespaces },
      webhooks,
      options: {},
    },
    snapshot,
  )
}

export const titles = (workloads: readonly WorkloadPreview[]) => workloads.map(({ title }) => title)
