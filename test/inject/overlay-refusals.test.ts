import t from 'tap'
import { inject } from '../../src/inject/index.ts'
import { pod, requestFor, revision, snapshotOf } from './revision-fixture.ts'

function refusal(template: string) {
  return inject(requestFor(pod()), snapshotOf(revision({ templates: { sidecar: template } })))
}

t.test('of several wrong types the first one in the sorted text is named, as in Go', async (t) => {
  const probe = '{ initialDelaySeconds: a, periodSeconds: b, failureThreshold: c }'
  t.match(refusal(`spec: { containers: [{ name: istio-proxy, readinessProbe: ${probe} }] }`), {
    kind: 'refused',
    code: 'overlay-failed',
    message: /failureThreshold/,
  })
})

t.test('a key of the prototype is not a field', async (t) => {
  t.match(
    refusal('spec: { __proto__: { hostNetwork: x }, containers: [{ name: a, stdin: x, __proto__: 1 }] }'),
    {
      kind: 'refused',
      message: /stdin/,
    },
  )
})
