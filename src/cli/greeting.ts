/** What `remora serve` prints with development certificates: the URL, and a curl command to paste. */
import { resolve } from 'node:path'
import { decideRevision, type Snapshot } from '../inject/index.ts'
import type { Running } from '../runtime.ts'
import { lines, type Text, unwrapped } from './text.ts'

/** Undefined with real certificates: there the log is enough. */
export function greeting(running: Running): Text | undefined {
  if (running.caFile === undefined) return undefined
  const snapshot = running.cluster.snapshot()
  const injected = injectedNamespace(snapshot)
  const usable = [...snapshot.revisions.values()].find((revision) => revision.config !== undefined)
  const path = injected !== undefined || usable === undefined ? '/inject' : `/revisions/${usable.name}/inject`
  const namespace = injected ?? 'default'
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace,
      operation: 'CREATE',
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'hello' },
        spec: { containers: [{ name: 'hello', image: 'hello' }] },
      },
    },
  }
  return lines([
    '',
    `Remora serves ${running.url}/inject (revisions: ${[...snapshot.revisions.keys()].join(', ') || 'none yet'})`,
    ...(running.adminSocket === undefined
      ? []
      : [unwrapped(`State: remora status --admin-socket ${shellWord(running.adminSocket)}`)]),
    'Try:',
    // A line break inside would end the command.
    unwrapped(`  curl --cacert ${shellWord(resolve(running.caFile))} -H 'Content-Type: application/json' \\`),
    unwrapped(`    -d '${JSON.stringify(review)}' \\`),
    unwrapped(`    ${running.url}${path}`),
    'Stop it with Ctrl-C.',
  ])
}

/** A namespace whose labels select a revision; if possible the default revision. */
function injectedNamespace(snapshot: Snapshot): string | undefined {
  const chosen = [...snapshot.namespaces].flatMap(([name, { labels }]) => {
    const question = { target: { by: 'labels' }, namespaceLabels: labels, podLabels: undefined } as const
    const decision = decideRevision(question, snapshot)
    return decision.kind === 'revision' ? [{ name, revision: decision.decided.revision }] : []
  })
  return (chosen.find(({ revision }) => revision === 'default') ?? chosen[0])?.name
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
