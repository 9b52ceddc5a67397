/** OpenShift's ranges and the user that it writes into every container. */
import t from 'tap'
import { dropSharedUser, proxyIds } from '../../src/inject/openshift.ts'
import { gatesFor, parseIstioVersion } from '../../src/istio/index.ts'
import type { JsonObject } from '../../src/json/index.ts'

const UID = 'openshift.io/sa.scc.uid-range'
const GROUPS = 'openshift.io/sa.scc.supplemental-groups'

t.test('the proxy gets the last user ID of the namespace’s range', async (t) => {
  const rows: readonly (readonly [annotations: { [key: string]: string }, uid: number, gid: number])[] = [
    [{}, 1337, 1337],
    [{ [UID]: '1000/10' }, 1009, 1009],
    [{ [UID]: '1000-2000' }, 2000, 2000],
    [{ [UID]: '1000/10', [GROUPS]: '5/5,x' }, 1009, 1337],
    [{ [UID]: '1000/10', [GROUPS]: '5/5,7-9' }, 1009, 9],
    [{ [UID]: '', [GROUPS]: '5/5' }, 1337, 9],
    [{ [UID]: 'x' }, 1337, 1337],
    [{ [UID]: '4294967296/1' }, 1337, 1337],
    [{ [UID]: '4294967295/2' }, 0, 0],
    [{ [UID]: '10/ 5 and more' }, 14, 14],
  ]
  for (const [annotations, uid, gid] of rows) {
    t.same(
      proxyIds({ annotations: new Map(Object.entries(annotations)) }),
      { uid, gid },
      JSON.stringify(annotations),
    )
  }
  t.same(proxyIds(undefined), { uid: 1337, gid: 1337 })
})

t.test('a user ID that proxy and application share is removed', async (t) => {
  const gates = gatesFor(parseIstioVersion('1.30.0') as never)
  const old = gatesFor(parseIstioVersion('1.26.0') as never)
  const container = (name: string, runAsUser?: number): JsonObject => ({
    name,
    ...(runAsUser !== undefined && { securityContext: { runAsUser, runAsGroup: 1, privileged: false } }),
  })
  const pod = (containers: JsonObject[], initContainers: JsonObject[] = []): JsonObject => ({
    spec: { containers, initContainers },
  })
  const dropped = { name: 'istio-proxy', securityContext: { privileged: false } }
  t.same(
    dropSharedUser(pod([container('web', 5), container('istio-proxy', 5)]), gates),
    pod([container('web', 5), dropped]),
  )
  const own = pod([container('web', 5), container('istio-proxy', 6)])
  t.equal(dropSharedUser(own, gates), own, 'a user of its own stays')
  const without = pod([container('web', 5), container('istio-proxy')])
  t.equal(dropSharedUser(without, gates), without)
  t.equal(dropSharedUser(pod([container('web', 5)]), gates)['spec'] === undefined, false)
  const init = pod(
    [container('web')],
    [container('setup', 5), container('istio-init', 9), container('istio-proxy', 5)],
  )
  t.same(
    dropSharedUser(init, gates),
    pod([container('web')], [container('setup', 5), container('istio-init', 9), dropped]),
  )
  t.equal(
    dropSharedUser(pod([container('web', 5), container('istio-proxy', 5)], [container('x', 7)]), old)[
      'spec'
    ] === undefined,
    false,
  )
  const counted = pod([container('web', 5), container('istio-proxy', 5)], [container('x', 7)])
  t.equal(dropSharedUser(counted, gates), counted, 'the last init container counts from 1.27 on')
  t.not(dropSharedUser(counted, old), counted)
})
