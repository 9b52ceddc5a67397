/** What the labels of each namespace request, and whether it is served: the result for a pod without labels. */

import {
  decideRevision,
  findLabelMistakes,
  isCode,
  type NamespaceFacts,
  type RevisionDecision,
  type Severity,
} from '../../inject/index.ts'
import { INJECTION_LABEL } from '../../kube/index.ts'
import { type CheckSubject, few } from './check-subject.ts'
import { type Finding, makeFinding } from './finding.ts'
import { activeWebhooks } from './webhooks.ts'

const place = (name: string) => ({ object: `Namespace ${name}` })

export function checkNamespaces(subject: CheckSubject): readonly Finding[] {
  const findings: Finding[] = []
  const broken = new Map<string, { readonly decision: Fault; readonly namespaces: string[] }>()
  for (const [name, facts] of subject.snapshot.namespaces) {
    const question = {
      target: { by: 'labels' },
      namespaceLabels: facts.labels,
      podLabels: undefined,
    } as const
    const decision = decideRevision(question, subject.snapshot)
    findings.push(
      ...mistakes(name, facts, decision, subject),
      ...oddLabel(name, facts),
      ...unserved(name, decision),
      ...calls(name, facts, decision, subject),
    )
    if (decision.kind !== 'fault') continue
    const key = `${decision.code} ${decision.decided?.tag ?? ''} ${decision.decided?.revision ?? ''}`
    const known = broken.get(key)
    if (known === undefined) broken.set(key, { decision, namespaces: [name] })
    else known.namespaces.push(name)
  }
  return [...findings, ...[...broken.values()].map(brokenFinding)]
}

type Fault = Extract<RevisionDecision, { kind: 'fault' }>

/** One finding for all namespaces affected; the problem of the revision or tag itself is reported elsewhere. */
function brokenFinding({
  decision: { code, decided },
  namespaces,
}: {
  decision: Fault
  namespaces: readonly string[]
}): Finding {
  const { revision, tag } = decided ?? {}
  const asked = tag === undefined ? `revision ${revision}` : `revision ${revision}, through tag ${tag}`
  return makeFinding(code, {
    revision,
    where: { object: `Namespace ${few(namespaces)}` },
    message: `the labels ask for ${asked}, which is unusable: pods are not injected, and with failurePolicy Fail they cannot be created`,
    expected: 'a usable revision',
  })
}

const SEVERITY: ReadonlyMap<string, Severity> = new Map([['revision-label-unserved', 'error']])

function mistakes(
  name: string,
  namespace: NamespaceFacts,
  decision: RevisionDecision,
  { snapshot }: CheckSubject,
): readonly Finding[] {
  const decided = decision.kind === 'none' ? undefined : decision.decided
  const question = {
    target: { by: 'labels' },
    namespaceLabels: namespace.labels,
    podLabels: undefined,
  } as const
  const notes = findLabelMistakes({ question, metadata: undefined, namespace, decided }, snapshot)
  return notes.flatMap(({ code, message }) =>
    isCode(code)
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
  subject: CheckSubject,
): readonly Finding[] {
  const webhooks = activeWebhooks(subject, { namespace: labels, pod: new Map() })
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
  if (matched.length < 2) return []
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
