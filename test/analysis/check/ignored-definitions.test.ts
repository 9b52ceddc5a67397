/** Ignored revisions and tags are reported before an upgrade, with the option that enables them. */
import t from 'tap'
import { namespace, noOptions, object, revision } from '../../revisions/cluster-objects.ts'
import { checkObjects, healthy, linesOf } from './check-fixture.ts'

const elsewhere = (name: string) => revision(name, { namespace: 'mesh' }).slice(0, 1)
const service = object('v1', 'Service', {
  name: 'istiod-revision-tag-prod',
  namespace: 'mesh',
  labels: { 'istio.io/tag': 'prod', 'istio.io/rev': 'blue' },
})

t.test('an ignored definition is a warning, or an error if a namespace requests it', async (t) => {
  const objects = [...healthy, ...elsewhere('blue'), ...elsewhere('green'), service]
  const asked = [namespace('pay', { 'istio.io/rev': 'blue' }), namespace('shop', { 'istio.io/rev': 'prod' })]
  t.same(
    linesOf([...objects, ...asked]).filter((line) => line.includes('untrusted')),
    [
      'error revision-untrusted blue: ConfigMap mesh/istio-sidecar-injector-blue',
      'error tag-untrusted -: Service mesh/istiod-revision-tag-prod',
      'warning revision-untrusted green: ConfigMap mesh/istio-sidecar-injector-green',
    ],
  )
  t.match(
    checkObjects([...objects, ...asked]).findings.find(({ code }) => code === 'revision-untrusted'),
    {
      message:
        /does not define revision blue, since mesh is not a namespace of a control plane; requested by Namespace pay$/,
      expected: /namespaces of control planes \(istio-system\)/,
      fix: /--istio-namespaces=istio-system,mesh.*kubectl delete configmap istio-sidecar-injector-blue -n mesh/,
    },
  )
})

t.test('a definition in a listed namespace has no finding', async (t) => {
  const trust = { namespaces: ['istio-system', 'mesh'], only: false }
  const lines = linesOf([...healthy, ...elsewhere('blue'), service], { options: { ...noOptions, trust } })
  t.notMatch(lines.join('\n'), /untrusted/)
})

t.test('every ignored definition is named, even if there are more than the log shows', async (t) => {
  const objects = [...healthy, ...Array.from({ length: 30 }, (_, i) => elsewhere(`r${i}`)).flat()]
  t.equal(linesOf(objects).filter((line) => line.startsWith('warning revision-untrusted')).length, 30)
})
