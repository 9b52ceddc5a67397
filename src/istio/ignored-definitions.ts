/**
 * Objects that look like a revision or a tag but do not count, and the report of them. Pure. They are detected in
 * discover.ts and discover-tags.ts.
 */

export interface IgnoredDefinition {
  /** What it would define if it counted. */
  readonly defines: 'revision' | 'tag'
  /** The name of that revision or tag. */
  readonly name: string
  readonly object: {
    readonly kind: 'ConfigMap' | 'Service'
    readonly namespace: string
    readonly name: string
    /** Empty if the object has none, as in a folder. */
    readonly uid: string
  }
  readonly code: 'revision-untrusted' | 'tag-untrusted' | 'tag-service-shadows-revision'
  /** What was found and its effect, without the fix. */
  readonly message: string
}

/** `ConfigMap shop/istio-sidecar-injector-x`. */
export function describeIgnored({ object }: IgnoredDefinition): string {
  return `${object.kind} ${object.namespace}/${object.name}`
}

/** How to fix it, with the exact option. */
export function fixOfIgnored({ code, object, name }: IgnoredDefinition, listed: readonly string[]): string {
  const place = `${object.kind.toLowerCase()} ${object.name} -n ${object.namespace}`
  if (code === 'tag-service-shadows-revision') {
    return `Set the tag with a webhook configuration, as \`istioctl tag set ${name}\` does, or remove the Service: \`kubectl delete ${place}\`.`
  }
  const namespaces = [...listed, object.namespace].join(',')
  return `If the namespace should contain a control plane, start Remora with \`--istio-namespaces=${namespaces}\` (chart: \`istioNamespaces\`, or \`namespace\` of the revision or tag). Otherwise remove it: \`kubectl delete ${place}\`.`
}

/** A tenant can make thousands; the rest is summarised in one sentence. */
const REPORTED = 20

export interface IgnoredProblem {
  readonly code: IgnoredDefinition['code']
  readonly message: string
  readonly where: string
  readonly revision?: string
}

export function problemsOfIgnored(
  ignored: readonly IgnoredDefinition[],
  listed: readonly string[],
): readonly IgnoredProblem[] {
  const problems = ignored.slice(0, REPORTED).map((one) => ({
    code: one.code,
    message: `${describeIgnored(one)}: ${one.message}. ${fixOfIgnored(one, listed)}`,
    where: describeIgnored(one),
    ...(one.defines === 'revision' ? { revision: one.name } : {}),
  }))
  const [, ...rest] = ignored.slice(REPORTED - 1)
  const [next] = rest
  if (next === undefined) return problems
  const message = `${rest.length} more objects define revisions or tags that are ignored; \`remora check\` lists them`
  return [...problems, { code: next.code, message, where: 'the cluster' }]
}
