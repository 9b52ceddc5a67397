/**
 * The public certificates that show what a Service presents: the serving certificate in a Secret of its namespace, and for
 * istiod the CA that it publishes as ConfigMap istio-ca-root-cert. Of a Secret only `tls.crt` is read.
 */
import type { JsonObject } from '../../../json/index.ts'
import { metadataOf, objectAt, textAt } from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'

export interface ServiceName {
  readonly namespace: string
  readonly name: string
}

export interface PresentedCertificate {
  /** `ConfigMap istio-system/istio-ca-root-cert`. */
  readonly from: string
  /** The certificate, or the CA that signs it. */
  readonly pem: string
}

/** Only in a folder: a live cluster's Secrets are not read. */
export function servingCertificates(
  { namespace, name }: ServiceName,
  facts: ClusterFacts,
): readonly PresentedCertificate[] {
  const { certificates } = facts
  const names = [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`]
  return facts.others().flatMap((object) => {
    if (textAt(object, 'kind') !== 'Secret' || namespaceOf(object) !== namespace) return []
    const pem = Buffer.from(textAt(objectAt(object, 'data'), 'tls.crt'), 'base64').toString('utf8')
    const [leaf] = certificates?.read(pem) ?? []
    if (leaf === undefined || !leaf.dnsNames.some((one) => names.includes(one))) return []
    return [{ from: `Secret ${namespace}/${textAt(metadataOf(object), 'name')}`, pem }]
  })
}

/** Remora signs its certificates itself, and so may other servers. */
export function publishedAuthorities(
  { namespace, name }: ServiceName,
  facts: ClusterFacts,
): readonly PresentedCertificate[] {
  if (!/^istiod(?:-|$)/.test(name)) return []
  const published = facts.objects('carootcertificate') ?? []
  const found = published.find((object) => namespaceOf(object) === namespace)
  const pem = textAt(objectAt(found ?? {}, 'data'), 'root-cert.pem')
  return pem === '' ? [] : [{ from: `ConfigMap ${namespace}/istio-ca-root-cert`, pem }]
}

function namespaceOf(object: JsonObject): string {
  return textAt(metadataOf(object), 'namespace') || 'default'
}
