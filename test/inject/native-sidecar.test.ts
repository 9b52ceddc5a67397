/** When istio-proxy becomes a native sidecar. */
import t from 'tap'
import { Kubelets } from '../../src/inject/index.ts'
import { decideNativeSidecar, nativeSidecarMode } from '../../src/inject/native-sidecar.ts'
import { gatesFor, parseIstioVersion } from '../../src/istio/index.ts'

t.test('ENABLE_NATIVE_SIDECARS has its default by release', async (t) => {
  const rows: readonly (readonly [version: string, value: string | undefined, mode: string])[] = [
    ['1.18.0', 'true', 'disabled'],
    ['1.19.0', undefined, 'disabled'],
    ['1.19.0', 'true', 'enabled'],
    ['1.26.0', 'T', 'enabled'],
    ['1.26.0', 'yes', 'disabled'],
    ['1.27.0', undefined, 'auto'],
    ['1.27.0', 'auto', 'auto'],
    ['1.27.0', 'true', 'enabled'],
    ['1.27.0', 'false', 'disabled'],
    ['1.27.0', 'T', 'disabled'],
  ]
  for (const [version, value, mode] of rows) {
    const environment = new Map(value === undefined ? [] : [['ENABLE_NATIVE_SIDECARS', value]])
    t.equal(
      nativeSidecarMode(environment, gatesFor(parseIstioVersion(version) as never)),
      mode,
      `${version} ${value}`,
    )
  }
})

t.test('auto depends on the kubelet of the pod’s node, or on all kubelets', async (t) => {
  const nodes = (...versions: string[]) => new Kubelets(versions.map((version, i) => [`n${i}`, version]))
  const decide = (known: Kubelets | undefined, name = '') => decideNativeSidecar('auto', known, name)
  t.same(decide(nodes('v1.33.0', 'v1.40.2-eks-1+abc')), { native: true, nodeUnknown: false })
  const mixed = nodes('v1.33.0', 'v1.32.9')
  t.same(decide(mixed), { native: false, nodeUnknown: false })
  t.same(decide(mixed), { native: false, nodeUnknown: false }, 'and again, from memory')
  t.same(decide(mixed, 'n0'), { native: true, nodeUnknown: false })
  t.same(decide(mixed, 'n1'), { native: false, nodeUnknown: false })
  t.same(decide(mixed, 'gone'), { native: false, nodeUnknown: true })
  t.same(decide(nodes()), { native: true, nodeUnknown: false }, 'no nodes, none too old')
  t.same(decide(undefined), { native: false, nodeUnknown: false }, 'a cluster that is not known')
  const long = `v1.33.0-${'0'.repeat(250)}`
  for (const odd of ['', 'v1', 'latest', 'v1.x', long])
    t.same(decide(nodes(odd)), { native: false, nodeUnknown: false }, odd)
  t.same(decide(nodes('2.33')), { native: true, nodeUnknown: false }, 'only the minor counts')
  t.same(decideNativeSidecar('enabled', undefined, ''), { native: true, nodeUnknown: false })
  t.same(decideNativeSidecar('disabled', nodes('v1.40.0'), ''), { native: false, nodeUnknown: false })
})
