/** The user's settings of an injected container take precedence. */
import t from 'tap'
import { reapplyContainers } from '../../src/inject/reapply-containers.ts'
import { noContainers, readOverrides } from '../../src/inject/restore.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { decodePod } from '../../src/kube/index.ts'
import { revision } from './revision-fixture.ts'

interface Pods {
  readonly original: JsonObject
  readonly template: JsonObject
  readonly merged?: JsonObject
  readonly version?: string
  readonly tproxy?: boolean
}

function reapply({ original, template, merged, version = '1.30.0', tproxy = false }: Pods) {
  const typed = decodePod(original)
  const result = reapplyContainers(
    { merged: decodePod(merged ?? template), template: decodePod(template) },
    { original: typed, earlierOverrides: readOverrides(typed), config: revision({ version }), tproxy },
  )
  const { metadata, spec } = result as {
    metadata: { annotations?: { [key: string]: string } }
    spec: { containers: JsonObject[]; initContainers?: JsonObject[] }
  }
  return { ...spec, overrides: metadata.annotations?.['proxy.istio.io/overrides'] }
}

const spec = (containers: JsonObject[], initContainers: JsonObject[] = []): JsonObject => ({
  spec: { containers, initContainers },
})

t.test('an override is applied and recorded in the annotation', async (t) => {
  const original = spec([{ name: 'web' }, { name: 'istio-proxy', image: 'auto', args: ['own'] }])
  const template = spec([{ name: 'istio-proxy', image: 'proxyv2', args: ['proxy'] }])
  const { containers, overrides } = reapply({ original, template })
  t.match(containers, [{ name: 'istio-proxy', image: 'proxyv2', args: ['own'] }])
  t.equal(overrides, '{"containers":[{"name":"istio-proxy","args":["own"],"resources":{}}]}')
})

t.test('a container keeps the image that the pod sets', async (t) => {
  const { containers } = reapply({
    original: spec([{ name: 'istio-proxy', image: 'mine' }]),
    template: spec([{ name: 'istio-proxy', image: 'proxyv2' }]),
  })
  t.match(containers, [{ image: 'mine' }])
})

t.test('a native sidecar is overridden by a container, from 1.19 on', async (t) => {
  const pods = {
    original: spec([{ name: 'istio-proxy', image: 'mine' }]),
    template: spec([], [{ name: 'istio-proxy', image: 'proxyv2' }]),
  }
  t.match(reapply(pods), { initContainers: [{ image: 'mine' }], overrides: /"initContainers"/ })
  t.match(reapply({ ...pods, version: '1.18.0' }), {
    initContainers: [{ image: 'proxyv2' }],
    overrides: undefined,
  })
})

t.test('only the overrides annotation of an earlier injection counts as an override', async (t) => {
  const status = JSON.stringify({ containers: ['istio-proxy'] })
  const original = {
    metadata: { annotations: { 'sidecar.istio.io/status': status } },
    ...spec([{ name: 'istio-proxy', image: 'old' }]),
  }
  const template = spec([{ name: 'istio-proxy', image: 'new' }])
  t.match(reapply({ original, template }), { containers: [{ image: 'new' }], overrides: undefined })
  t.match(
    reapply({ original, template, version: '1.16.0' }),
    { containers: [{ image: 'old' }] },
    'Istio before 1.17 took it for one',
  )
  const noted = {
    metadata: {
      annotations: { 'proxy.istio.io/overrides': '{"containers":[{"name":"istio-proxy","image":"noted"}]}' },
    },
    ...spec([{ name: 'web' }]),
  }
  t.match(reapply({ original: noted, template }), { containers: [{ image: 'noted' }] })
})

t.test('some releases drop the overridden user on OpenShift', async (t) => {
  const pods = {
    original: spec([
      {
        name: 'istio-proxy',
        image: 'auto',
        securityContext: { runAsUser: 5, runAsGroup: 6, privileged: false },
      },
    ]),
    template: spec([{ name: 'istio-proxy', image: 'p', securityContext: { runAsUser: 1000 } }]),
  }
  t.match(reapply({ ...pods, version: '1.20.3' }).containers, [
    { securityContext: { runAsUser: 1000, privileged: false } },
  ])
  t.match(reapply({ ...pods, version: '1.24.0' }).containers, [
    { securityContext: { runAsUser: 5, runAsGroup: 6 } },
  ])
  const usual = spec([{ name: 'istio-proxy', image: 'p', securityContext: { runAsUser: 1337 } }])
  t.match(reapply({ ...pods, template: usual, version: '1.20.3' }).containers, [
    { securityContext: { runAsUser: 5 } },
  ])
})

t.test('the traffic rules follow the user of the proxy', async (t) => {
  const own = (context: JsonObject) => spec([{ name: 'istio-proxy', securityContext: context }])
  const template = (name: string) =>
    spec(
      [{ name: 'istio-proxy', securityContext: { runAsUser: 1337, runAsGroup: 1337 } }],
      [{ name, args: ['-p', '1', '-u', '1337'], securityContext: { runAsUser: 1337 } }],
    )
  const init = (context: JsonObject, name: string, more: Partial<Pods> = {}) =>
    reapply({ original: own(context), template: template(name), ...more }).initContainers?.[0]
  t.match(init({ runAsUser: 5 }, 'istio-init'), {
    args: ['-p', '1', '-u', '5'],
    securityContext: { runAsUser: 1337 },
  })
  t.match(init({ runAsUser: 5, runAsGroup: 6 }, 'istio-validation'), {
    args: ['-p', '1', '-u', '5'],
    securityContext: { runAsUser: 5, runAsGroup: 6 },
  })
  t.match(init({ runAsGroup: 6 }, 'istio-validation'), {
    args: ['-p', '1', '-u', '1337'],
    securityContext: { runAsUser: 1337, runAsGroup: 6 },
  })
  t.match(init({ runAsUser: 0 }, 'istio-init'), { args: ['-p', '1', '-u', '1337'] }, 'never 0')
  t.match(init({ privileged: true }, 'istio-init'), { args: ['-p', '1', '-u', '1337'] })
  t.match(
    init({ runAsUser: 5 }, 'istio-init', { version: '1.20.3' }),
    { args: ['-p', '1', '-u', '1337'] },
    'from 1.20.7 on',
  )
  const tproxy = reapply({
    original: own({ runAsUser: 5 }),
    template: template('istio-validation'),
    tproxy: true,
  })
  t.match(tproxy.containers, [{ securityContext: { runAsUser: 0 } }])
  t.match(tproxy.initContainers, [{ securityContext: { runAsUser: 1337 } }])
  const annotated = {
    ...template('istio-init'),
    metadata: { annotations: { 'sidecar.istio.io/interceptionMode': 'TPROXY' } },
  }
  t.match(reapply({ original: own({ runAsUser: 5 }), template: annotated }).containers, [
    { securityContext: { runAsUser: 0 } },
  ])
  const bare = spec([{ name: 'istio-proxy' }])
  t.match(
    reapply({ original: own({ runAsUser: 5 }), template: bare }).containers,
    [{ securityContext: { runAsUser: 5 } }],
    'no init container, nothing to adjust',
  )
  const argless = spec([{ name: 'istio-proxy' }], [{ name: 'istio-validation', args: ['-u'] }])
  t.match(reapply({ original: own({ runAsUser: 5 }), template: argless }).initContainers, [
    { args: ['-u'], securityContext: { runAsUser: 5 } },
  ])
  t.match(
    reapply({ original: own({ runAsUser: 5 }), template: spec([], [{ name: 'istio-init' }]), tproxy: true })
      .initContainers,
    [{ name: 'istio-init' }],
    'no proxy to be found',
  )
})

t.test('before 1.28 an override removes the creation timestamp', async (t) => {
  const containers = [{ name: 'istio-proxy', image: 'mine' }]
  const merged = { metadata: { creationTimestamp: '2026-01-02T03:04:05Z' }, spec: { containers } }
  const pods = { merged: decodePod(merged), template: decodePod({ spec: { containers } }) }
  const after = (version: string) =>
    reapplyContainers(pods, {
      original: decodePod(merged),
      earlierOverrides: noContainers,
      config: revision({ version }),
      tproxy: false,
    })['metadata']
  t.match(after('1.28.0'), { creationTimestamp: '2026-01-02T03:04:05Z' })
  t.notMatch(after('1.27.0'), { creationTimestamp: /./ })
})

t.test('without common containers nothing changes', async (t) => {
  const { overrides } = reapply({
    original: spec([{ name: 'web' }]),
    template: spec([{ name: 'istio-proxy' }]),
  })
  t.equal(overrides, undefined)
  t.same(noContainers, { containers: [], initContainers: [] })
})
