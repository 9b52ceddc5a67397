/** Owns: `remora version`: Remora's own, and with --cluster the revisions that are there and what they are. */
import { commandHelp, readOptions, VERSION_OPTIONS } from '../config/index.ts'
import type { Revision, Snapshot } from '../inject/index.ts'
import { readCluster, remoraVersion } from '../runtime.ts'
import type { Command } from './command.ts'
import { lines, messageText, ownText, type Text, tableLines, text } from './text.ts'

const DESCRIPTION = {
  name: 'version',
  summary: "print Remora's version; with --cluster the revisions found there",
  options: VERSION_OPTIONS,
}

export const versionCommand: Command = {
  name: DESCRIPTION.name,
  summary: DESCRIPTION.summary,
  options: DESCRIPTION.options,
  help: () => commandHelp(DESCRIPTION),
  async run(args, io) {
    const options = readOptions(VERSION_OPTIONS, { args, env: io.env })
    if (options.help === true) {
      io.out(ownText(commandHelp(DESCRIPTION)))
      return 0
    }
    io.out(text`remora ${remoraVersion()} (Node ${process.versions.node})\n`)
    const { cluster } = options
    if (cluster === undefined) return 0
    const snapshot = await readCluster({ ...options, cluster }, (problem) =>
      io.err(messageText('warning: ', problem.message)),
    )
    io.out(revisionTable(snapshot))
    return snapshot.revisions.size === 0 ? 1 : 0
  },
}

function revisionTable(snapshot: Snapshot): Text {
  const rows = [['REVISION', 'NAMESPACE', 'ISTIO', 'TOLD BY', 'CONFIGURATION', 'TAGS', 'STATE']]
  const names = [...snapshot.revisions.keys()].sort()
  for (const name of names) {
    const revision = snapshot.revisions.get(name)
    if (revision === undefined) continue
    const tags = [...snapshot.tags].filter(([, target]) => target === name).map(([tag]) => tag)
    rows.push([
      name,
      revision.namespace,
      revision.config?.version.text ?? '-',
      revision.versionReason ?? '-',
      revision.config?.digest ?? '-',
      tags.sort().join(',') || '-',
      stateOf(revision),
    ])
  }
  if (rows.length === 1)
    return text`no revisions: there is no ConfigMap istio-sidecar-injector in the cluster\n`
  return lines(tableLines(rows))
}

function stateOf(revision: Revision): string {
  // What is wrong stands on standard error, in as many lines as it takes.
  if (revision.config === undefined) return `unusable: ${revision.problem?.code ?? ''}`
  return revision.problem === undefined ? 'ok' : `last good one: ${revision.problem.code}`
}
