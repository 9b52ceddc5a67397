/**
 * The webhook that the API server calls for a new pod: the selectors of the injection webhooks in the cluster,
 * evaluated one condition at a time. The decision of the called server is in rule-trace.ts and policy-trace.ts.
 * MatchConditions are CEL, which is not evaluated here; they are listed by name.
 */
import { isObject, type JsonObject, own } from '../../json/index.ts'
import {
  compileSelector,
  isList,
  KubeError,
  type Labels,
  listAt,
  metadataOf,
  objectAt,
  textAt,
} from '../../kube/index.ts'
import type { ConditionFinding } from './condition-finding.ts'

export interface WebhookFinding {
  /** `istio-sidecar-injector-canary`. */
  readonly configuration: string
  /** `rev.namespace.sidecar-injector.istio.io`. */
  readonly webhook: string
  readonly of: 'istio' | 'remora'
  /** From the configuration's labels; `default` if Istio's is empty. */
  readonly revision: string
  readonly tag?: string
  /** `istiod-canary.istio-system.svc/inject`, or a URL. */
  readonly calls: string
  /** The path that it calls; `/` if there is none. */
  readonly path: string
  /** `Fail` or `Ignore`. */
  readonly failurePolicy: string
  readonly matched: boolean
  /** All of them, in the webhook's order. */
  readonly conditions: readonly ConditionFinding[]
  /** Names of its matchConditions, which are not evaluated. */
  readonly matchConditions: readonly string[]
}

export interface LabelsOfPod {
  readonly namespace: Labels
  readonly pod: Labels
}

const INJECTOR = 'sidecar-injector.istio.io'

/** @param configurations MutatingWebhookConfigurations, whole; webhooks of others are ignored */
export function findWebhookCalls(
  configurations: readonly JsonObject[],
  labels: LabelsOfPod,
): readonly WebhookFinding[] {
  return configurations.flatMap((configuration) =>
    listAt(configuration, 'webhooks')
      .filter(isObject)
      .filter((webhook) => textAt(webhook, 'name').endsWith(INJECTOR))
      .map((webhook) => findCall(configuration, webhook, labels)),
  )
}

function findCall(configuration: JsonObject, webhook: JsonObject, labels: LabelsOfPod): WebhookFinding {
  const metadata = metadataOf(configuration)
  const own = objectAt(metadata, 'labels')
  const ofRemora = Object.hasOwn(own, 'remora/revision')
  const prefix = ofRemora ? 'remora/' : 'istio.io/'
  const tag = textAt(own, ofRemora ? 'remora/tag' : 'istio.io/tag')
  const conditions = [
    ...findRules(webhook),
    ...findSelector(objectAt(webhook, 'namespaceSelector'), 'namespace', labels.namespace),
    ...findSelector(objectAt(webhook, 'objectSelector'), 'pod', labels.pod),
  ]
  const { calls, path } = readClient(objectAt(webhook, 'clientConfig'))
  return {
    configuration: textAt(metadata, 'name'),
    webhook: textAt(webhook, 'name'),
    of: ofRemora ? 'remora' : 'istio',
    revision: textAt(own, `${prefix}${ofRemora ? 'revision' : 'rev'}`) || 'default',
    ...(tag === '' ? {} : { tag }),
    calls,
    path,
    failurePolicy: textAt(webhook, 'failurePolicy') || 'Fail',
    matched: conditions.every(({ holds }) => holds),
    conditions,
    matchConditions: listAt(webhook, 'matchConditions')
      .filter(isObject)
      .map((condition) => textAt(condition, 'name')),
  }
}

function readClient(client: JsonObject): { readonly calls: string; readonly path: string } {
  const url = textAt(client, 'url')
  if (url !== '') {
    const found = /^[a-z]+:\/\/[^/?#]*(\/[^?#]*)?/i.exec(url)
    return { calls: url, path: found?.[1] ?? '/' }
  }
  const service = objectAt(client, 'service')
  const path = textAt(service, 'path') || '/'
  return { calls: `${textAt(service, 'name')}.${textAt(service, 'namespace')}.svc${path}`, path }
}

/** If no rule includes the creation of pods, the webhook is not called; without any rule it is never called. */
function findRules(webhook: JsonObject): readonly ConditionFinding[] {
  const covers = listAt(webhook, 'rules')
    .filter(isObject)
    .some(
      (rule) =>
        has(rule, 'operations', 'CREATE') && has(rule, 'apiGroups', '') && has(rule, 'resources', 'pods'),
    )
  if (covers) return []
  const must = 'name no creation of pods'
  return [{ on: 'request', label: 'the rules', must, found: undefined, holds: false }]
}

function has(rule: JsonObject, key: string, wanted: string): boolean {
  return listAt(rule, key).some((value) => value === wanted || value === '*' || value === '*/*')
}

/** An absent or empty selector has no conditions: it matches everything. */
function findSelector(
  selector: JsonObject,
  on: 'namespace' | 'pod',
  labels: Labels,
): readonly ConditionFinding[] {
  const equal = Object.entries(objectAt(selector, 'matchLabels')).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [typeof value === 'string' ? value : ''],
  }))
  const expressions = listAt(selector, 'matchExpressions')
    .filter(isObject)
    .map((expression) => ({
      key: textAt(expression, 'key'),
      operator: textAt(expression, 'operator'),
      values: valuesOf(expression),
    }))
  return [...equal, ...expressions].map((requirement) => {
    const base = { on, label: requirement.key, found: labels.get(requirement.key) }
    try {
      const holds = compileSelector({ matchExpressions: [requirement] })(labels)
      return { ...base, must: wordsOf(requirement.operator, requirement.values), holds }
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      return { ...base, must: `be a valid selector: ${error.message}`, holds: false }
    }
  })
}

function valuesOf(expression: JsonObject): readonly string[] {
  const values = own(expression, 'values')
  return isList(values) ? values.filter((value) => typeof value === 'string') : []
}

function wordsOf(operator: string, values: readonly string[]): string {
  switch (operator) {
    case 'In':
      return values.length === 1 ? `be ${JSON.stringify(values[0])}` : `be one of ${values.join(', ')}`
    case 'NotIn':
      return values.length === 1 ? `not be ${JSON.stringify(values[0])}` : `be none of ${values.join(', ')}`
    case 'Exists':
      return 'be present'
    default:
      return 'be absent'
  }
}
