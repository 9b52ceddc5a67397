/** Namespaces that request injection and do not get what they request, because something else switches it off. */
import {
  decideRevision,
  type NamespaceFacts,
  type RevisionConfig,
  type Snapshot,
} from '../../../inject/index.ts'
import { isObject, type JsonObject, type JsonValue } from '../../../json/index.ts'
import { compileSelector, isList, KubeError, type LabelPredicate, listAt } from '../../../kube/index.ts'
import { readYaml } from '../configuration/texts.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'

export const DATAPLANE_MODE = 'istio.io/dataplane-mode'

export const switchedOff: Rule<'namespace'> = {
  subject: 'namespace',
  codes: ['policy-disables-injection', 'ambient-and-sidecar', 'namespace-not-discovered'],
  needs: [],
  reachesPods: true,
  find({ title, facts }, { snapshot }) {
    const config = snapshot.revisions.get(chosenByNamespace(facts, snapshot) ?? '')?.config
    if (config === undefined) return []
    const place = { revision: config.name, where: { object: title } }
    return [...policyDisabled(config, place), ...ambient(facts, place), ...undiscovered(facts, config, place)]
  },
}

/** The revision that the labels of the namespace select; undefined: none, or an unusable one. */
export function chosenByNamespace({ labels }: NamespaceFacts, snapshot: Snapshot): string | undefined {
  const target = { by: 'labels' } as const
  const decision = decideRevision({ target, namespaceLabels: labels, podLabels: undefined }, snapshot)
  return decision.kind === 'revision' ? decision.decided.revision : undefined
}

interface Place {
  readonly revision: string
  readonly where: { readonly object: string }
}

function policyDisabled({ injector, name }: RevisionConfig, place: Place): readonly Finding[] {
  if (injector.policy !== 'disabled') return []
  return [
    makeFinding('policy-disables-injection', {
      ...place,
      message: `its labels request revision ${name}, whose injector has policy: disabled`,
      expected: 'policy: enabled',
    }),
  ]
}

function ambient({ labels }: NamespaceFacts, place: Place): readonly Finding[] {
  if (labels.get(DATAPLANE_MODE) !== 'ambient') return []
  return [
    makeFinding('ambient-and-sidecar', {
      ...place,
      message: `it has ${DATAPLANE_MODE}=ambient, and its labels request the sidecar of revision ${place.revision}, which takes precedence`,
      expected: 'one of the two',
    }),
  ]
}

function undiscovered(
  { labels }: NamespaceFacts,
  { inputs }: RevisionConfig,
  place: Place,
): readonly Finding[] {
  const { mesh = '' } = inputs.meshConfigMap
  // Parsed for each namespace.
  if (!mesh.includes('discoverySelectors')) return []
  const selectors = readSelectors(readYaml(mesh))
  if (selectors.length === 0 || selectors.some((selects) => selects(labels))) return []
  return [
    makeFinding('namespace-not-discovered', {
      ...place,
      message: `its pods are injected by revision ${place.revision}, but none of its discoverySelectors matches the labels of the namespace`,
      expected: 'labels that one of discoverySelectors matches',
    }),
  ]
}

function readSelectors(mesh: JsonValue): readonly LabelPredicate[] {
  return listAt(isObject(mesh) ? mesh : {}, 'discoverySelectors')
    .filter(isObject)
    .flatMap((selector) => {
      try {
        return [compileSelector(readSelector(selector))]
      } catch (error) {
        // istiod reports it, and then watches every namespace.
        if (error instanceof KubeError) return []
        throw error
      }
    })
}

function readSelector(selector: JsonObject) {
  const { matchLabels, matchExpressions } = selector
  return {
    ...(isObject(matchLabels) ? { matchLabels: textsOf(matchLabels) } : {}),
    ...(matchExpressions !== undefined && isList(matchExpressions)
      ? {
          matchExpressions: matchExpressions.filter(isObject).map(({ key, operator, values }) => ({
            key: String(key),
            operator: String(operator),
            values: isList(values) ? values.map(String) : [],
          })),
        }
      : {}),
  }
}

function textsOf(object: JsonObject): { [key: string]: string } {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, String(value)]))
}
