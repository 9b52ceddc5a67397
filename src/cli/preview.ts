/** `remora preview`: from the command line to the report and its exit code. */
import { writeFile } from 'node:fs/promises'
import {
  type ClusterFacts,
  findMoveFindings,
  findNotJudged,
  kindsOf,
  type PreviewKind,
  type PreviewReport,
  preview,
  type RunningWorkload,
  subjectsOf,
  type WorkloadSubject,
} from '../analysis/index.ts'
import { OptionError, PREVIEW_OPTIONS, type PreviewOptions } from '../config/index.ts'
import { RemoraError } from '../errors.ts'
import { type Snapshot, unknownName } from '../inject/index.ts'
import type { JsonObject } from '../json/index.ts'
import { kindRow, labelsOf, metadataOf, objectAt, WORKLOAD_KINDS } from '../kube/index.ts'
import { didYouMean } from '../nearest-name.ts'
import { remoraVersion } from '../runtime.ts'
import { type CommandIo, defineCommand } from './command.ts'
import { checkDryRun, withVerdicts } from './dry-run.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { warnOn, withCluster } from './open-cluster.ts'
import { choosePaint } from './paint.ts'
import { type PodFile, type PodSubject, readPodsOfFile, requestFor } from './pod-subject.ts'
import { previewHtml } from './preview-html.ts'
import { previewJson } from './preview-json.ts'
import { previewText } from './preview-text.ts'
import { nameText, type PreviewTitle } from './preview-wording.ts'
import { readFacts } from './read-facts.ts'
import { htmlPage, jsonData, messageText, text } from './text.ts'

export const previewCommand = defineCommand({
  name: 'preview',
  summary: 'show what would change or fail if workloads moved to another revision',
  options: PREVIEW_OPTIONS,
  exitCodes: {
    success: 'no workload is of a kind that --fail-on names',
    negative: 'at least one workload is of such a kind',
  },
  async run({ options, io }) {
    checkDryRun(options)
    return print(await makePreview(options, io), options, io)
  },
})

/** A workload also has the findings of its namespace. */
const PREVIEWED = ['workload', 'namespace'] as const

interface Made {
  readonly report: PreviewReport
  readonly title: PreviewTitle
}

function makePreview(options: PreviewOptions, io: CommandIo): Promise<Made> {
  const { namespace, filename } = options
  const allDeployments = filename === undefined && namespace === undefined
  return withCluster(options, { onProblem: warnOn(io), allDeployments }, async (cluster) => {
    const { injectOptions } = cluster
    checkNames(options, cluster.snapshot)
    const file = filename === undefined ? undefined : await ofFile(options, io)
    const snapshot = file?.withNamespaces(cluster.snapshot) ?? cluster.snapshot
    const target = snapshot.tags.get(options.to) ?? options.to
    const facts = await readFacts({
      ...cluster,
      snapshot,
      problems: [],
      namespace,
      target,
      subjects: PREVIEWED,
    })
    if (file === undefined && cluster.objects.complete) checkRead(facts, io)
    const subjects = file === undefined ? ofCluster(facts, options) : chosenBy(options.selector, file.pods)
    const workloads = subjects.map((subject) => ({ title: subject.title, request: requestFor(subject) }))
    const moved = subjects.map(workloadSubject)
    const judged = await withVerdicts(facts, moved, { options, io })
    const namespaces = new Set(namespace === undefined ? [] : [namespace])
    const report = preview(
      {
        workloads,
        from: options.from === undefined ? undefined : { name: options.from, namespaces },
        to: { name: options.to, namespaces },
        webhooks: await cluster.objects.list('mutatingwebhookconfiguration'),
        running: file === undefined ? runningOf(facts) : undefined,
        findings: findMoveFindings(moved, judged),
        notJudged: findNotJudged(facts, 'workload'),
        options: injectOptions,
      },
      snapshot,
    )
    return { report, title: titleOf(options, snapshot) }
  })
}

function workloadSubject({ title, namespace, object, pod }: PodSubject): WorkloadSubject {
  return { type: 'workload', title, namespace, object, pod }
}

/** @throws RemoraError where workloads of Kubernetes itself could not be read: the preview would look complete */
function checkRead(facts: ClusterFacts, io: CommandIo): void {
  for (const kind of WORKLOAD_KINDS) {
    const why = facts.whyNotRead(kind)
    if (why === undefined) continue
    if (kindRow(kind).extension !== true) throw new RemoraError('cluster-api-refused', why)
    io.err(messageText('warning: ', `${why}; they are not previewed`))
  }
}

/** @throws OptionError `argument-unexpected` if there is nothing to preview, because an empty result would look like success */
function ofCluster(
  facts: ClusterFacts,
  { namespace, cluster, selector }: PreviewOptions,
): readonly PodSubject[] {
  const found = chosenBy(selector, facts.workloads())
  if (found.length > 0) return found
  if (selector !== undefined)
    throw new OptionError('argument-unexpected', '--selector matches no workload: nothing to preview')
  throw new OptionError(
    'argument-unexpected',
    namespace === undefined
      ? `--cluster ${cluster} has no workload: nothing to preview`
      : `namespace ${namespace} of --cluster ${cluster} has no workload: nothing to preview; ` +
          'choose another --namespace, or name a file of workloads with --filename',
  )
}

/** kubectl's `-l`, on the labels of the pods. */
function chosenBy<T extends { readonly pod: JsonObject }>(
  selector: PreviewOptions['selector'],
  subjects: readonly T[],
): readonly T[] {
  if (selector === undefined) return subjects
  return subjects.filter(({ pod }) => selector(labelsOf(objectAt(metadataOf(pod), 'labels'))))
}

function runningOf(facts: ClusterFacts): ReadonlyMap<string, RunningWorkload> {
  const pods = Map.groupBy(subjectsOf('pod', facts), ({ workload }) => workload)
  return new Map(
    facts
      .workloads()
      .map((workload) => [
        workload.title,
        { object: workload.object, pods: (pods.get(workload) ?? []).map(({ object }) => object) },
      ]),
  )
}

function titleOf({ to, from, namespace, cluster }: PreviewOptions, snapshot: Snapshot): PreviewTitle {
  const fromText = from === undefined ? 'the current revisions' : nameText(from, snapshot)
  const made = { atMs: Date.now(), cluster, version: remoraVersion() }
  return { to, from, namespace, fromText, toText: nameText(to, snapshot), made }
}

/** @throws OptionError `option-invalid` */
function checkNames(options: PreviewOptions, snapshot: Snapshot): void {
  const { to, from, namespace, filename, 'all-namespaces': all = false } = options
  if (all && namespace !== undefined)
    throw new OptionError('option-invalid', '--all-namespaces and --namespace exclude each other')
  for (const [flag, name] of [
    ['--to', to],
    ['--from', from],
  ] as const) {
    const problem = name === undefined ? undefined : unknownName(name, snapshot)
    if (problem !== undefined) throw new OptionError('option-invalid', `${flag}: ${problem}`)
  }
  // A file may contain workloads of a namespace that does not exist yet.
  if (namespace === undefined || filename !== undefined || snapshot.namespaces.has(namespace)) return
  const names = [...snapshot.namespaces.keys()].sort()
  throw new OptionError(
    'option-invalid',
    `--namespace: there is no namespace ${JSON.stringify(namespace)}; known: ${names.join(', ') || 'none'}${didYouMean(namespace, names)}`,
  )
}

/** @throws OptionError `argument-unexpected` if the file has no workload of the namespace */
async function ofFile({ filename, namespace }: PreviewOptions, io: CommandIo): Promise<PodFile> {
  const file = await readPodsOfFile({ filename, namespace: namespace ?? 'default' }, io)
  const found = file.pods.filter((subject) => namespace === undefined || subject.namespace === namespace)
  if (found.length > 0) return { ...file, pods: found }
  const others = [...new Set(file.pods.map((subject) => subject.namespace))].sort().join(', ')
  throw new OptionError(
    'argument-unexpected',
    `${filename} has no workload of namespace ${namespace}, only of ${others}`,
  )
}

async function print({ report, title }: Made, options: PreviewOptions, io: CommandIo): Promise<ExitCode> {
  const { html, output } = options
  const failedOn = findKinds(report, options['fail-on'] ?? [])
  if (html !== undefined) await writeFile(html, previewHtml(report, title))
  if (output === 'json') io.out(jsonData(previewJson(report, title, failedOn), 2))
  else if (output === 'html') io.out(htmlPage(previewHtml(report, title)))
  else io.out(previewText(report, title, choosePaint(io)))
  const found = [...failedOn].map(([kind, workloads]) => `${kind} (${workloads})`)
  if (found.length > 0) io.err(text`remora: found by --fail-on: ${found.join(', ')}\n`)
  return found.length > 0 ? EXIT.negative : EXIT.success
}

/** The wanted kinds that were found, with the number of workloads. */
function findKinds(report: PreviewReport, wanted: readonly PreviewKind[]): ReadonlyMap<PreviewKind, number> {
  const all = report.workloads.map(kindsOf)
  const counts = wanted.map((kind) => [kind, all.filter((kinds) => kinds.has(kind)).length] as const)
  return new Map(counts.filter(([, workloads]) => workloads > 0))
}
