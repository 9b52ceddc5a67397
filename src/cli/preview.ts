/**
 * Owns: `remora preview`: from arguments to the report and exit code. 0: nothing that --fail-on names was found; 1:
 * something was; 2: it could not be told.
 */
import { writeFile } from 'node:fs/promises'
import { kindsOf, type Move, type PreviewKind, type PreviewReport, preview } from '../analysis/index.ts'
import {
  commandHelp,
  OptionError,
  PREVIEW_OPTIONS,
  type PreviewOptions,
  readOptions,
} from '../config/index.ts'
import { type Snapshot, unknownName } from '../inject/index.ts'
import { openObjects, readCluster } from '../runtime.ts'
import { listWorkloads } from './cluster-workloads.ts'
import type { Command, CommandIo, ExitCode } from './command.ts'
import { couldNotTell } from './could-not-tell.ts'
import { choosePaint } from './paint.ts'
import { type PodSubject, readPodsOfFile, requestFor } from './pod-subject.ts'
import { previewHtml } from './preview-html.ts'
import { previewJson } from './preview-json.ts'
import { previewText } from './preview-text.ts'
import { nameText, type PreviewTitle } from './preview-words.ts'
import { jsonData, messageText, ownText, text } from './text.ts'

const DESCRIPTION = {
  name: 'preview',
  summary:
    'show what would change if workloads moved to another revision: for all, for some, and what would fail',
  options: PREVIEW_OPTIONS,
}

export const previewCommand: Command = {
  name: DESCRIPTION.name,
  summary: DESCRIPTION.summary,
  options: DESCRIPTION.options,
  help: () => commandHelp(DESCRIPTION),
  async run(args, io) {
    const options = readOptions(PREVIEW_OPTIONS, { args, env: io.env })
    if (options.help === true) {
      io.out(ownText(commandHelp(DESCRIPTION)))
      return 0
    }
    try {
      return await print(await makePreview(options, io), options, io)
    } catch (error) {
      throw couldNotTell(error)
    }
  },
}

interface Made {
  readonly report: PreviewReport
  readonly title: PreviewTitle
}

async function makePreview(options: PreviewOptions, io: CommandIo): Promise<Made> {
  const snapshot = await readCluster(options, ({ message }) => io.err(messageText('warning: ', message)))
  checkNames(options, snapshot)
  const objects = openObjects(options.cluster)
  try {
    const subjects =
      options.filename === undefined
        ? await listWorkloads(objects, options.namespace)
        : await ofFile(options, io)
    if (subjects.length === 0 && options.namespace === undefined)
      throw new OptionError(
        'argument-unexpected',
        `--cluster ${options.cluster} has no workload: nothing to preview`,
      )
    const workloads = subjects.map((subject) => ({ title: subject.title, request: requestFor(subject) }))
    const namespaces = new Set(options.namespace === undefined ? [] : [options.namespace])
    const from: Move | undefined = options.from === undefined ? undefined : { name: options.from, namespaces }
    const webhooks = await objects.list('mutatingwebhookconfiguration')
    const report = preview({ workloads, from, to: { name: options.to, namespaces }, webhooks }, snapshot)
    return { report, title: titleOf(options, snapshot) }
  } finally {
    objects.close()
  }
}

function titleOf({ to, from, namespace }: PreviewOptions, snapshot: Snapshot): PreviewTitle {
  const fromText = from === undefined ? 'what the labels choose now' : nameText(from, snapshot)
  return { to, from, namespace, fromText, toText: nameText(to, snapshot) }
}

/** @throws OptionError `option-invalid` */
function checkNames({ to, from, namespace, filename }: PreviewOptions, snapshot: Snapshot): void {
  for (const [flag, name] of [
    ['--to', to],
    ['--from', from],
  ] as const) {
    const problem = name === undefined ? undefined : unknownName(name, snapshot)
    if (problem !== undefined) throw new OptionError('option-invalid', `${flag}: ${problem}`)
  }
  // A file may hold workloads of a namespace that does not exist yet.
  if (namespace === undefined || filename !== undefined || snapshot.namespaces.has(namespace)) return
  const known = [...snapshot.namespaces.keys()].sort().join(', ') || 'none'
  throw new OptionError(
    'option-invalid',
    `--namespace: there is no namespace ${JSON.stringify(namespace)}; known: ${known}`,
  )
}

/** @throws OptionError `argument-unexpected` where the file has nothing of the namespace that was named */
async function ofFile(
  { filename, namespace }: PreviewOptions,
  io: CommandIo,
): Promise<readonly PodSubject[]> {
  const all = await readPodsOfFile({ filename, namespace: namespace ?? 'default' }, io)
  const found = all.filter((subject) => namespace === undefined || subject.namespace === namespace)
  if (found.length > 0) return found
  const others = [...new Set(all.map((subject) => subject.namespace))].sort().join(', ')
  throw new OptionError(
    'argument-unexpected',
    `${filename} has no workload of namespace ${namespace}, only of ${others}`,
  )
}

async function print({ report, title }: Made, options: PreviewOptions, io: CommandIo): Promise<ExitCode> {
  const { html } = options
  const failedOn = findKinds(report, options['fail-on'] ?? [])
  if (html !== undefined) await writeFile(html, previewHtml(report, title))
  if (options.json === true) io.out(jsonData(previewJson(report, title, failedOn), 2))
  else io.out(previewText(report, title, choosePaint(io)))
  const found = [...failedOn].map(([kind, workloads]) => `${kind} (${workloads})`)
  if (found.length > 0) io.err(text`remora: found of --fail-on: ${found.join(', ')}\n`)
  return found.length > 0 ? 1 : 0
}

/** Of the wanted kinds those that were found, and in how many workloads. */
function findKinds(report: PreviewReport, wanted: readonly PreviewKind[]): ReadonlyMap<PreviewKind, number> {
  const all = report.workloads.map(kindsOf)
  const counts = wanted.map((kind) => [kind, all.filter((kinds) => kinds.has(kind)).length] as const)
  return new Map(counts.filter(([, workloads]) => workloads > 0))
}
