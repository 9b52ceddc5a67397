/** `remora inject`: manifests in, injected manifests out, everything else on standard error. */
import { INJECT_OPTIONS, type InjectOptions } from '../config/index.ts'
import {
  type InjectOptions as CoreOptions,
  describeCode,
  type InjectionRequest,
  inject,
  type Outcome,
  type RevisionTarget,
  type Snapshot,
  targetOfName,
} from '../inject/index.ts'
import { encodeYaml, isObject, type JsonValue, own, parseYaml } from '../json/index.ts'
import { podToCreate } from '../kube/index.ts'
import { type CommandIo, defineCommand } from './command.ts'
import { isEmptyDocument, splitDocuments } from './documents.ts'
import { checkDryRun } from './dry-run.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { withNamespacesOf } from './file-namespaces.ts'
import { type InjectedManifest, judgeManifests } from './inject-dry-run.ts'
import { warnOn, withCluster } from './open-cluster.ts'
import { readNamedFile } from './read-file.ts'
import { jsonData, manifestData, type Text, text } from './text.ts'
import { injectManifest, type ReportedManifest } from './workloads.ts'

export const injectCommand = defineCommand({
  name: 'inject',
  summary: 'inject the workloads of a file offline, as istioctl kube-inject does',
  options: INJECT_OPTIONS,
  exitCodes: {
    success: 'the manifests are printed, each workload injected or skipped',
    negative: 'a pod was refused, so nothing is printed',
  },
  async run({ options, io }) {
    checkDryRun(options)
    return withCluster(options, { onProblem: warnOn(io) }, async ({ snapshot, injectOptions }) => {
      const { filename } = options
      const manifests = filename === '-' ? await io.readStdin() : await readNamedFile(filename, '--filename')
      const source = filename === '-' ? 'standard input' : filename
      return injectText(manifests, {
        options,
        snapshot: withNamespacesOf(manifests, source, snapshot),
        injectOptions,
        io,
      })
    })
  },
})

interface Work {
  readonly options: InjectOptions
  readonly injectOptions: CoreOptions
  readonly snapshot: Snapshot
  readonly io: CommandIo
}

/** Prints all documents, or none if a pod is refused, so that half a file is never applied. */
async function injectText(
  manifests: string,
  { options, snapshot, injectOptions, io }: Work,
): Promise<ExitCode> {
  let failures = 0
  const patched: InjectedManifest[] = []
  const context = {
    target: targetOf(options.revision, snapshot),
    namespace: options.namespace,
    nowMs: Date.now(),
    seed: Math.floor(Math.random() * 2 ** 32),
    inject: (request: InjectionRequest) => inject(request, snapshot, injectOptions),
    report(subject: string, outcome: Outcome, { namespace, object }: ReportedManifest) {
      const line = reportLine(subject, outcome)
      if (line !== undefined) io.err(text`${line}\n`)
      for (const note of outcome.notes) io.err(text`${subject}: note ${note.code}: ${note.message}\n`)
      if (outcome.kind === 'refused' || outcome.kind === 'fault') failures++
      if (outcome.kind !== 'patched' || options['dry-run'] === 'none') return
      // The webhook of the revision that the labels choose would replace the sidecar of another one.
      const origin = { namespace, workload: object, optOut: options.revision !== undefined }
      patched.push({ subject, namespace, pod: podToCreate(outcome.pod, origin) })
    },
  }
  const source = options.filename === '-' ? 'standard input' : options.filename
  const documents = splitDocuments(manifests)
  if (documents.every(isEmptyDocument)) {
    io.err(text`remora: ${source} contains no manifest: nothing to inject\n`)
    return EXIT.noResult
  }
  const injected: Injected[] = documents.map((document) => {
    if (isEmptyDocument(document)) return { text: document.text }
    // The blank lines in front make line numbers in errors those of the whole file.
    const manifest = parseYaml('\n'.repeat(document.line - 1) + document.text, { source })
    if (isObject(manifest) && own(manifest, 'kind') === 'AdmissionReview')
      io.err(reviewHint(source, document.line))
    const value = injectManifest(manifest, context)
    return value === manifest ? { text: document.text, value } : { value }
  })
  if (failures > 0) return EXIT.negative
  const judged = await judgeManifests(patched, { options, io })
  if (judged !== EXIT.success) return judged
  io.out(options.output === 'json' ? asJson(injected) : asYaml(injected))
  return EXIT.success
}

/** One document: its own text where nothing was injected, its value unless it is empty. */
type Injected =
  | { readonly text: string; readonly value?: JsonValue }
  | { readonly text?: undefined; readonly value: JsonValue }

function asYaml(injected: readonly Injected[]): Text {
  return manifestData(injected.map((one) => `${one.text ?? encodeYaml(one.value)}---\n`).join(''))
}

/** One object; a `v1` List where there are several, as kubectl writes them. */
function asJson(injected: readonly Injected[]): Text {
  const items = injected.flatMap(({ value }) => (value === undefined ? [] : [value]))
  return jsonData(items.length === 1 ? items[0] : { apiVersion: 'v1', kind: 'List', items }, 2)
}

/** Other commands read reviews, so the unchanged output could be mistaken for an injected pod. */
function reviewHint(source: string, line: number): Text {
  return text`warning: ${source}, line ${line}: an AdmissionReview is printed unchanged, because inject takes manifests; \`remora explain -f\` and \`remora preview -f\` read reviews\n`
}

function targetOf(revision: string | undefined, snapshot: Snapshot): RevisionTarget {
  return revision === undefined ? { by: 'labels' } : targetOfName(revision, snapshot)
}

function reportLine(subject: string, outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case 'patched':
      return undefined
    case 'skipped':
      return `${subject}: not injected: ${outcome.code}: ${describeCode(outcome.code)?.sentence ?? ''}`
    case 'refused':
    case 'fault':
      return `${subject}: ${outcome.code}: ${outcome.message}`
  }
}
