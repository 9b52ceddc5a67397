/** The caBundle of each webhook configuration: whether it holds a certificate, is valid now, and belongs to the server's CA. */

import { discoveryService } from '../../../dataplane/index.ts'
import { isObject, type JsonObject } from '../../../json/index.ts'
import { listAt, metadataOf, objectAt, textAt } from '../../../kube/index.ts'
import { findWebhookCalls } from '../../explain/webhook-calls.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { CertificateSubject } from '../subject.ts'
import { isActive, noLabels } from '../webhook/active-webhooks.ts'
import {
  type PresentedCertificate,
  publishedAuthorities,
  type ServiceName,
  servingCertificates,
} from './presented-certificates.ts'

/** A rule for webhooks, because an absent bundle is not a certificate subject. */
export const caBundleMissing: Rule<'webhook'> = {
  subject: 'webhook',
  codes: ['ca-bundle-missing'],
  needs: [],
  find({ title, object }) {
    if (callsToServices(object).every(({ caBundle }) => caBundle !== '')) return []
    return [
      makeFinding('ca-bundle-missing', {
        where: { object: title },
        message: 'its webhooks have no caBundle yet',
        expected: 'the certificate of the CA of the control plane',
        group: 'webhooks',
      }),
    ]
  },
}

const DAY_MS = 86_400_000
const SOON_MS = 14 * DAY_MS

export const caBundleValid: Rule<'certificate'> = {
  subject: 'certificate',
  codes: ['ca-bundle-invalid', 'ca-bundle-expired', 'ca-bundle-expires-soon'],
  needs: [],
  find({ title, pem }, { certificates, nowMs }) {
    if (certificates === undefined) return []
    const where = { object: title, path: 'caBundle' }
    const held = certificates.read(pem)
    if (held.length === 0) {
      const message = 'caBundle contains no certificate that can be read'
      return [makeFinding('ca-bundle-invalid', { where, message, expected: 'a certificate in PEM format' })]
    }
    const expected = 'a CA certificate that is valid now'
    const begun = held.filter(({ notBeforeMs }) => notBeforeMs <= nowMs)
    if (begun.length === 0) {
      const begin = dateOf(Math.min(...held.map(({ notBeforeMs }) => notBeforeMs)))
      const message = `caBundle is not valid before ${begin}`
      return [makeFinding('ca-bundle-expired', { where, message, expected })]
    }
    const endMs = Math.max(...begun.map(({ notAfterMs }) => notAfterMs))
    if (endMs <= nowMs)
      return [
        makeFinding('ca-bundle-expired', {
          where,
          message: `caBundle expired on ${dateOf(endMs)}`,
          expected,
        }),
      ]
    if (endMs - nowMs > SOON_MS) return []
    const message = `caBundle expires on ${dateOf(endMs)}`
    return [makeFinding('ca-bundle-expires-soon', { where, message, expected })]
  },
}

/** Compared with a serving certificate among the objects. */
export const caBundleOfServing: Rule<'certificate'> = {
  subject: 'certificate',
  codes: ['ca-bundle-of-other-ca'],
  needs: [],
  find: (subject, facts) => otherAuthority(subject, facts, servingCertificates),
}

/** Compared with the CA that istiod publishes, if no serving certificate was found. */
export const caBundleOfIstiod: Rule<'certificate'> = {
  subject: 'certificate',
  codes: ['ca-bundle-of-other-ca'],
  needs: ['carootcertificate'],
  find: (subject, facts) =>
    otherAuthority(subject, facts, (service) =>
      servingCertificates(service, facts).length > 0 ? [] : publishedAuthorities(service, facts),
    ),
}

function otherAuthority(
  { title, pem }: CertificateSubject,
  facts: ClusterFacts,
  presentedBy: (service: ServiceName, facts: ClusterFacts) => readonly PresentedCertificate[],
): readonly Finding[] {
  const { certificates } = facts
  const configuration = (facts.objects('mutatingwebhookconfiguration') ?? []).find(
    (object) => `MutatingWebhookConfiguration ${textAt(metadataOf(object), 'name')}` === title,
  )
  if (certificates === undefined || configuration === undefined) return []
  if (certificates.read(pem).length === 0) return []
  const first = callsToServices(configuration).find(({ caBundle }) => decode(caBundle) === pem)
  if (first === undefined) return []
  const presented = presentedBy(first.service, facts)
  if (presented.length === 0 || presented.some((one) => certificates.verifies(pem, one.pem))) return []
  return [
    makeFinding('ca-bundle-of-other-ca', {
      revision: first.revision,
      where: { object: title, path: 'caBundle' },
      message: `caBundle does not verify the certificate of Service ${first.service.namespace}/${first.service.name} (${presented.map(({ from }) => from).join(', ')})`,
      expected: 'the CA of the certificate that the Service presents',
    }),
  ]
}

interface Call {
  readonly revision: string
  readonly service: ServiceName
  readonly caBundle: string
}

/** Its injection webhooks that call a Service and can match something. */
function callsToServices(configuration: JsonObject): readonly Call[] {
  const bundles = new Map(
    listAt(configuration, 'webhooks')
      .filter(isObject)
      .map((webhook) => [textAt(webhook, 'name'), textAt(objectAt(webhook, 'clientConfig'), 'caBundle')]),
  )
  return findWebhookCalls([configuration], noLabels)
    .filter(isActive)
    .flatMap(({ revision, webhook, calls }) => {
      const service = calls.includes('://') ? undefined : discoveryService(calls.slice(0, calls.indexOf('/')))
      return service === undefined ? [] : [{ revision, service, caBundle: bundles.get(webhook) ?? '' }]
    })
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
