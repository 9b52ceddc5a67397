/** What the labels of each namespace request, and whether it is served: the result for a pod without labels. */

import { isCode, type NamespaceFacts, type RevisionDecision, type Severity } from '../../../inject/index.ts'
import { INJECTION_LABEL } from '../../../kube/index.ts'
import type { WebhookFinding } from '../../explain/webhook-calls.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { few } from '../few.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { activeWebhooks } from '../webhook/active-webhooks.ts'
import { type NamespaceNotes, notesOfNamespace } from './namespace-notes.ts'

const place = (name: string) => ({ object: `Namespace ${name}` })

export const namespaceLabels: Rule<'namespace'> = {
  subject: 'namespace',
  codes: [
    'namespace-revision-ignored',
    'revision-label-unserved',
    'revision-in-annotation',
    'annotation-misspelt',
    'annotation-deprecated',
    'label-misspelt',
    'injection-label-invalid',
    'no-default-revision',
    'namespace-not-called',
    'called-twice',
    'called-for-other-revision',
    'tag-target-unknown',
    'revision-unusable',
    'revision-waits-for-nodes',
  ],
  needs: [],
  uses: ['mutatingwebhookconfiguration'],
  reachesPods: true,
  find({ name, facts: namespace }, facts) {
    const found = notesOfNamespace(namespace, facts.snapshot)
    const { decision } = found
    return [
      ...mistakes(name, namespace, found, facts),
      ...oddLabel(name, namespace),
      ...unserved(name, decision),
      ...calls(name, namespace, decision, facts),
      ...(decision.kind === 'fault' ? [unusable(name, decision)] : []),
    ]
  },
}

type Fault = Extract<RevisionDecision, { kind: 'fault' }>

/** The problem of the revision or tag itself is reported elsewhere, so one finding is enough for all namespaces. */
function unusable(name: string, { code, decided }: Fault): Finding {
  const { revision, tag } = decided ?? {}
  const asked = tag === undefined ? `revision ${revision}` : `revision ${revision}, through tag ${tag}`
  return makeFinding(code, {
    revision,
    where: place(name),
    message: `the labels ask for ${asked}, which is unusable: pods are not injected, and with failurePolicy Fail they cannot be created`,
    expected: 'a usable revision',
    group: 'namespaces',
  })
}

const SEVERITY: ReadonlyMap<string, Severity> = new Map([['revision-label-unserved', 'error']])

function mistakes(
  name: string,
  namespace: NamespaceFacts,
  { decision, notes }: NamespaceNotes,
  cluster: ClusterFacts,
): readonly Finding[] {
  const decided = decision.kind === 'none' ? undefined : decision.decided
  // A control plane that is not among the objects may serve it.
  const served = activeWebhooks(cluster, { namespace: namespace.labels, pod: new Map() }).some(
    ({ matched }) => matched,
  )
  return notes.flatMap(({ code, message }) =>
    isCode(code) && !(served && code === 'revision-label-unserved')
      ? [
          makeFinding(code, {
            revision: decided?.revision,
            where: place(name),
            message,
            expected: 'labels that select one installed revision',
            severity: SEVERITY.get(code),
          }),
        ]
      : [],
  )
}

function oddLabel(name: string, { labels }: NamespaceFacts): readonly Finding[] {
  const value = labels.get(INJECTION_LABEL)
  if (value === undefined || value === 'enabled' || value === 'disabled') return []
  return [
    makeFinding('injection-label-invalid', {
      where: place(name),
      message: `${INJECTION_LABEL} is ${JSON.stringify(value)}, so no pod of it is injected`,
      expected: 'enabled or disabled',
    }),
  ]
}

function unserved(name: string, decision: RevisionDecision): readonly Finding[] {
  if (decision.kind !== 'none' || decision.code !== 'no-default-revision') return []
  return [
    makeFinding('no-default-revision', {
      where: place(name),
      message:
        'its labels ask for the default revision, but there is neither a default revision nor a tag default',
      expected: 'a default revision',
    }),
  ]
}

/** The webhook that the API server would really call for a pod without labels. */
function calls(
  name: string,
  { labels }: NamespaceFacts,
  decision: RevisionDecision,
  cluster: ClusterFacts,
): readonly Finding[] {
  const webhooks = activeWebhooks(cluster, { namespace: labels, pod: new Map() })
  if (webhooks.length === 0) return []
  const matched = webhooks.filter((webhook) => webhook.matched)
  const chosen = decision.kind === 'none' ? undefined : decision.decided?.revision
  if (chosen !== undefined && matched.length === 0) {
    return [
      makeFinding('namespace-not-called', {
        revision: chosen,
        where: place(name),
        message: `its labels select revision ${chosen}, but no webhook matches them`,
        expected: `a webhook of revision ${chosen} that matches`,
      }),
    ]
  }
  if (matched.length < 2) return otherRevision(name, chosen, matched)
  const names = matched.map(
    ({ configuration, webhook }) => `${configuration}/${webhook.split('.sidecar-injector')[0]}`,
  )
  return [
    makeFinding('called-twice', {
      revision: chosen,
      where: place(name),
      message: `${few(names)} match its pods`,
      expected: 'one webhook that matches',
    }),
  ]
}

/** For one of Remora the path names the revision. */
function otherRevision(
  name: string,
  chosen: string | undefined,
  matched: readonly WebhookFinding[],
): readonly Finding[] {
  const wrong = matched.filter(
    ({ of, revision }) => of === 'istio' && chosen !== undefined && revision !== chosen,
  )
  return wrong.map(({ configuration, revision }) =>
    makeFinding('called-for-other-revision', {
      revision: chosen,
      where: place(name),
      message: `its labels select revision ${chosen}, but ${configuration} calls the istiod of revision ${revision}`,
      expected: `a webhook of revision ${chosen} that matches`,
    }),
  )
}
