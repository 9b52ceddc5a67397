/**
 * Unusual but valid values and names: what YAML reads as a number or boolean, and the forms in which certificates
 * are given.
 */
import t from 'tap'
import { makeAuthority } from '../../src/certs/make-authority.ts'
import { isObject, type JsonValue } from '../../src/json/index.ts'
import { at, helmMissing, listAt, render, textAt, tryRender } from './helm.ts'

const TEXTS = new Set(['name', 'namespace', 'serviceAccountName', 'secretName', 'key', 'priorityClassName'])

t.test('names that YAML would read as numbers or booleans stay strings', { skip: helmMissing }, async (t) => {
  for (const namespace of ['2024', 'on', '0x1', 'null']) {
    const { objects } = render({
      namespace,
      release: '1e3',
      values: {
        istioNamespace: namespace,
        istioNamespaces: ['456'],
        revisions: [{ name: '7', active: true }],
        tags: [{ name: 'true', revision: '7', active: true }],
        profile: { install: [{ revision: '7', namespace: '8' }] },
        priorityClassName: '123',
        runtimeClassName: '1e3',
        serviceAccount: { name: '123' },
        tls: { self: { secretName: '5' }, clientCa: { secretName: '12', key: '1' } },
        networkPolicy: { enabled: true },
        autoscaling: { enabled: true },
      },
    })
    for (const object of objects) checkTexts(t.equal.bind(t), object)
  }
  for (const fullnameOverride of ['true', 'null']) {
    const service = render({ values: { fullnameOverride } }).one('Service')
    t.equal(at(service, 'metadata', 'name'), fullnameOverride)
  }
})

function checkTexts(
  equal: (found: string, wanted: string, what: string) => unknown,
  value: JsonValue,
  path = '',
): void {
  if (Array.isArray(value)) for (const item of value) checkTexts(equal, item, path)
  if (!isObject(value)) return
  for (const [key, field] of Object.entries(value)) {
    const where = `${path}.${key}`
    const scalar = field === null || typeof field !== 'object'
    if ((TEXTS.has(key) || /\.(?:labels|matchLabels)$/.test(path)) && scalar)
      equal(typeof field, 'string', where)
    checkTexts(equal, field, where)
  }
}

t.test('a truncated name is still a valid name', { skip: helmMissing }, async (t) => {
  const service = render({ values: { fullnameOverride: `${'a'.repeat(51)}--x` } }).one('Service')
  t.equal(at(service, 'metadata', 'name'), 'a'.repeat(51))
})

t.test(
  'a caBundle is accepted as PEM or base64, or refused with what was expected',
  { skip: helmMissing },
  async (t) => {
    const pem = makeAuthority(Date.now()).get('ca.crt') ?? ''
    const inLines = Buffer.from(pem).toString('base64').replace(/.{76}/g, '$&\n')
    const valuesOf = (caBundle: string) => ({
      tls: { mode: 'files', files: { caBundle } },
      revisions: [{ name: 'default' }],
    })
    for (const caBundle of [
      pem,
      `# our CA\n${pem}`,
      `Certificate:\n  Data:\n${pem}`,
      inLines,
      inLines.replaceAll('\n', '\r\n'),
    ]) {
      const [webhook] = listAt(
        render({ values: valuesOf(caBundle) }).one('MutatingWebhookConfiguration'),
        'webhooks',
      )
      const rendered = Buffer.from(textAt(webhook, 'clientConfig', 'caBundle'), 'base64').toString()
      t.ok(rendered.includes(pem.trim()))
    }
    for (const caBundle of ['hello', Buffer.from('hello').toString('base64'), '-----BEGIN PRIVATE KEY-----'])
      t.match(
        tryRender({ values: valuesOf(caBundle) }).stderr,
        /tls\.files\.caBundle: expected certificates as PEM/,
      )
  },
)

t.test(
  'values that the API server would refuse are refused by the schema',
  { skip: helmMissing },
  async (t) => {
    for (const [values, where] of [
      [{ fullnameOverride: 'Remora' }, '/fullnameOverride'],
      [{ fullnameOverride: '1-remora' }, '/fullnameOverride'],
      [{ tls: { self: { secretName: 'Bad_Name' } } }, '/tls/self/secretName'],
      [{ tls: { clientCa: { secretName: 'x', key: '..' } } }, '/tls/clientCa/key'],
      [{ podDisruptionBudget: { minAvailable: 'abc' } }, '/podDisruptionBudget/minAvailable'],
      [{ podDisruptionBudget: { maxUnavailable: '150%' } }, '/podDisruptionBudget/maxUnavailable'],
      [{ podDisruptionBudget: { maxUnavailable: -1 } }, '/podDisruptionBudget/maxUnavailable'],
    ] as const)
      t.match(tryRender({ values }).stderr, where)
  },
)
