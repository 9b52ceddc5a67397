import t from 'tap'
import { noteDnsPolicy } from '../../../src/inject/post/dns-policy.ts'
import { applyMetadata } from '../../../src/inject/post/metadata.ts'
import { draftOf, postContext } from './context.ts'

const template = {
  spec: {
    initContainers: [{ name: 'istio-init' }],
    containers: [{ name: 'istio-proxy' }, {}],
    volumes: [{ name: 'b' }, { name: 'a' }],
    imagePullSecrets: [],
  },
}

t.test('the status annotation lists what was injected, byte for byte as in Istio', async (t) => {
  const draft = draftOf({})
  applyMetadata(draft, postContext({ template, revision: 'canary' }))
  t.equal(
    draft.annotation('sidecar.istio.io/status'),
    '{"initContainers":["istio-init"],"containers":["istio-proxy",""],"volumes":["b","a"],"imagePullSecrets":null,"revision":"canary"}',
  )
  const old = draftOf({ metadata: { annotations: { 'sidecar.istio.io/status': 'old' } } })
  applyMetadata(old, postContext({ release: '1.10.0' }))
  t.equal(
    old.annotation('sidecar.istio.io/status'),
    '{"initContainers":null,"containers":null,"volumes":null,"imagePullSecrets":null}',
  )
})

t.test('the network label and the configured annotations are set', async (t) => {
  const metadata = { name: 'x', labels: { app: 'a' } }
  const draft = draftOf({ metadata })
  applyMetadata(
    draft,
    postContext({
      proxyEnv: new Map([['ISTIO_META_NETWORK', 'n1']]),
      injectedAnnotations: new Map([
        ['a/b', 'c'],
        ['__proto__', 'd'],
        ['sidecar.istio.io/status', 'mine'],
      ]),
    }),
  )
  t.match(draft.pod, { metadata: { name: 'x', labels: { app: 'a', 'topology.istio.io/network': 'n1' } } })
  t.same(draft.annotations(), [
    ['sidecar.istio.io/status', 'mine'],
    ['a/b', 'c'],
    ['__proto__', 'd'],
  ])
  t.same(metadata, { name: 'x', labels: { app: 'a' } })
})

t.test('a DNS policy that may hide the control plane gets a note', async (t) => {
  for (const [dnsPolicy, count] of [
    ['Default', 1],
    ['None', 1],
    ['ClusterFirst', 0],
    ['', 0],
    [null, 0],
  ] as const) {
    const context = postContext()
    noteDnsPolicy(draftOf({ spec: { dnsPolicy } }), context)
    t.equal(context.notes.length, count, String(dnsPolicy))
  }
})
