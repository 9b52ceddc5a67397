import t from 'tap'
import { parseInjectorValues, parseIstioVersion } from '../../src/istio/index.ts'

function parse(values: object, version: string) {
  const istioVersion = parseIstioVersion(version)
  if (istioVersion === undefined) throw new TypeError('no version')
  return parseInjectorValues(JSON.stringify(values), { version: istioVersion, source: 'values' })
}

t.test('a label selector of Kubernetes is a map in every release', async (t) => {
  // Istio 1.22 to 1.28 have Kubernetes' own type there, before and after it is a google.protobuf.Struct.
  for (const version of ['1.19.3', '1.22.3', '1.25.2', '1.29.1']) {
    const selector = { matchLabels: { app: 'web' } }
    t.doesNotThrow(() => parse({ sidecarInjectorWebhook: { neverInjectSelector: [selector] } }, version))
    for (const wrong of [0, 'x', true, [selector]]) {
      t.throws(
        () => parse({ sidecarInjectorWebhook: { neverInjectSelector: [wrong] } }, version),
        /sidecarInjectorWebhook\.neverInjectSelector\[0\]: expected a map/,
        `${version} ${JSON.stringify(wrong)}`,
      )
    }
  }
})
