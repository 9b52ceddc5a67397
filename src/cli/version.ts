/** `remora version`: the version of Remora, and with --cluster the revisions of the cluster. */
import { VERSION_OPTIONS } from '../config/index.ts'
import type { Revision, Snapshot } from '../inject/index.ts'
import { remoraVersion } from '../runtime.ts'
import { defineCommand } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { readSnapshot } from './open-cluster.ts'
import { jsonData, lines, type Text, tableLines, text } from './text.ts'

export const versionCommand = defineCommand({
  name: 'version',
  summary: "print Remora's version; with --cluster the revisions of that cluster",
  options: VERSION_OPTIONS,
  exitCodes: {
    success: 'the version is printed',
    negative: 'the cluster that --cluster names has no revision',
  },
  async run({ options, io }) {
    const facts = { version: remoraVersion(), node: process.versions.node }
    const snapshot = await readSnapshot(options, io)
    const revisions = snapshot === undefined ? undefined : revisionsOf(snapshot)
    if (options.output === 'json') io.out(jsonData({ ...facts, ...(revisions && { revisions }) }, 2))
    else {
      io.out(text`remora ${facts.version} (Node ${facts.node})\n`)
      if (revisions !== undefined) io.out(revisionTable(revisions))
    }
    return revisions?.length === 0 ? EXIT.negative : EXIT.success
  },
})

interface RevisionRow {
  readonly name: string
  readonly namespace: string
  readonly istioVersion: string | undefined
  /** What the version was read from. */
  readonly versionReason: string | undefined
  readonly configuration: string | undefined
  readonly tags: readonly string[]
  readonly state: string
}

function revisionsOf({ revisions, tags }: Snapshot): readonly RevisionRow[] {
  return [...revisions]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, revision]) => ({
      name,
      namespace: revision.namespace,
      istioVersion: revision.config?.version.text,
      versionReason: revision.versionReason,
      configuration: revision.config?.digest,
      tags: [...tags].flatMap(([tag, target]) => (target === name ? [tag] : [])).sort(),
      state: stateOf(revision),
    }))
}

function revisionTable(revisions: readonly RevisionRow[]): Text {
  if (revisions.length === 0)
    return text`no revisions: there is no ConfigMap istio-sidecar-injector in the cluster\n`
  const head = ['REVISION', 'NAMESPACE', 'ISTIO', 'VERSION FROM', 'CONFIGURATION', 'TAGS', 'STATE']
  const rows = revisions.map((one) => [
    one.name,
    one.namespace,
    one.istioVersion ?? '-',
    one.versionReason ?? '-',
    one.configuration ?? '-',
    one.tags.join(',') || '-',
    one.state,
  ])
  return lines(tableLines([head, ...rows]))
}

function stateOf(revision: Revision): string {
  // The whole problem is a warning on standard error.
  if (revision.config === undefined) return `unusable: ${revision.problem?.code ?? ''}`
  return revision.problem === undefined
    ? 'ok'
    : `serves its last good configuration: ${revision.problem.code}`
}
