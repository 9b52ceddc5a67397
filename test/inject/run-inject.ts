/** Runs one pod through the core and checks invariants: the request is unchanged, and the patch gives the pod. */
import t from 'tap'
import {
  describeCode,
  type InjectionRequest,
  inject,
  type Outcome,
  type Snapshot,
} from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { applyPatch } from '../../src/jsonpatch/index.ts'
import { type RevisionSketch, requestFor, revision, snapshotOf } from './revision-fixture.ts'

export interface Setting extends RevisionSketch {
  readonly request?: Partial<InjectionRequest>
  readonly snapshot?: Partial<Snapshot>
}

export function run(object: JsonObject, setting: Setting = {}): Outcome {
  const request = requestFor(object, setting.request)
  const before = JSON.stringify(object)
  const outcome = inject(request, snapshotOf(revision(setting), setting.snapshot))
  if (JSON.stringify(object) !== before) throw new Error('the request was changed')
  const kind = describeCode(outcome.code)?.kind
  if (kind !== outcome.kind)
    throw new Error(`code ${outcome.code} is of kind ${kind}, the outcome of ${outcome.kind}`)
  if (
    outcome.kind === 'patched' &&
    JSON.stringify(applyPatch(object, outcome.patch)) !== JSON.stringify(outcome.pod)
  ) {
    t.strictSame(applyPatch(object, outcome.patch), outcome.pod)
  }
  return outcome
}

export function patched(
  object: JsonObject,
  setting: Setting = {},
): {
  metadata: { annotations: { [key: string]: string }; labels: { [key: string]: string } }
  spec: { containers: JsonObject[]; initContainers?: JsonObject[] }
} {
  const outcome = run(object, setting)
  if (outcome.kind !== 'patched') throw new Error('message' in outcome ? outcome.message : outcome.code)
  return outcome.pod as never
}

export const proxy = (more = '') => ({
  sidecar: `spec:\n  containers:\n  - name: istio-proxy\n    image: {{ .ProxyImage }}\n${more}`,
})
export const native = {
  sidecar: `spec:\n  {{ if .NativeSidecars }}initContainers{{ else }}containers{{ end }}:\n  - name: istio-proxy\n    image: p\n    restartPolicy: Always\n`,
}
